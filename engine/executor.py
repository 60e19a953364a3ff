"""Runs operations: a document is parsed, weighed and validated once per text, then graphql-core executes it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationType,
    execute,
    get_operation_ast,
    specified_rules,
    subscribe,
    validate,
)

from engine import answers, limits
from engine.answers import Answer
from engine.limits import Limits
from errors import MalformedRequestError, QueryTooComplexError

QUERY, MUTATION, SUBSCRIPTION = OperationType.QUERY, OperationType.MUTATION, OperationType.SUBSCRIPTION
SUBSCRIPTION_NEEDS_STREAM = (
    "A subscription needs a stream: connect a WebSocket with the subprotocol `graphql-transport-ws`, "
    "or send the header `Accept: text/event-stream`."
)


@dataclass(frozen=True)
class Operation:
    """What a client asks for, in a shape that is already checked."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A valid document within the limits, and the type of the operation chosen in it."""

    document: DocumentNode
    operation_type: OperationType


class Executor:
    """Runs the operations of one schema.

    Args:
        schema: graphql-core's own schema.
        limits: What a document may cost.
        introspection: Whether clients may read the schema; without it, errors suggest no names either.
        documents_kept: How many prepared documents are remembered.
    """

    def __init__(
        self, schema: GraphQLSchema, *, limits: Limits, introspection: bool = True, documents_kept: int = 512
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._hide_suggestions = not introspection
        self._rules = (
            specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._documents_kept = documents_kept
        self._documents: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()

    def prepare(self, operation: Operation) -> Prepared | Answer:
        """The document ready to run, or the answer that says why it cannot."""
        key = operation.query, operation.operation_name
        prepared = self._documents.get(key)
        if prepared is not None:
            self._documents.move_to_end(key)
            return prepared
        made = self._prepare(operation)
        if isinstance(made, Prepared) and len(operation.query) <= self._limits.max_kept_characters:
            self._documents[key] = made
            if len(self._documents) > self._documents_kept:
                self._documents.popitem(last=False)
        return made

    async def execute(self, operation: Operation, context: object, request_id: str) -> Answer:
        """Runs a query or a mutation.

        Raises:
            MalformedRequestError: It is a subscription.
        """
        prepared = self.prepare(operation)
        if isinstance(prepared, Answer):
            return prepared
        if prepared.operation_type is SUBSCRIPTION:
            raise MalformedRequestError(SUBSCRIPTION_NEEDS_STREAM)
        result = self._begin(execute, prepared, operation, context)
        return answers.executed(await result if isawaitable(result) else result, request_id)

    async def subscribe(
        self, operation: Operation, context: object, request_id: str
    ) -> AsyncGenerator[Answer, None] | Answer:
        """Starts a subscription: its answers one by one, or the single answer that says why there are none.

        Closing the generator closes the resolver's own generator before it returns.
        """
        prepared = self.prepare(operation)
        if isinstance(prepared, Answer):
            return prepared
        stream = self._begin(subscribe, prepared, operation, context)
        started = await stream if isawaitable(stream) else stream
        if isinstance(started, ExecutionResult):
            return answers.executed(started, request_id)
        return _answers(cast("AsyncGenerator[ExecutionResult, None]", started), request_id)

    def _begin(
        self, run: Callable[..., Any], prepared: Prepared, operation: Operation, context: object
    ) -> Any:
        """graphql-core's `execute` or `subscribe`, which are called alike."""
        return run(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.operation_name,
            hide_suggestions=self._hide_suggestions,
        )

    def _prepare(self, operation: Operation) -> Prepared | Answer:
        try:
            document = limits.parsed(operation.query, self._limits)
            limits.check(document, self._limits)
        except QueryTooComplexError as error:
            return answers.refused(error)
        except GraphQLError as error:
            return answers.rejected([error], "GRAPHQL_PARSE_FAILED")
        faults = validate(self._schema, document, self._rules, hide_suggestions=self._hide_suggestions)
        if faults:
            return answers.rejected(faults, "GRAPHQL_VALIDATION_FAILED")
        chosen = get_operation_ast(document, operation.operation_name)
        if chosen is None:
            return answers.refusal(
                "Name one of the document's operations in `operationName`.", "BAD_USER_INPUT"
            )
        return Prepared(document, chosen.operation)


async def _answers(
    results: AsyncGenerator[ExecutionResult, None], request_id: str
) -> AsyncGenerator[Answer, None]:
    """Shapes each event; a fault of the source is the last answer."""
    async with aclosing(results):
        try:
            async for result in results:
                yield answers.executed(result, request_id)
        except Exception as fault:  # noqa: BLE001 - whatever ends the source, the client gets an answer
            yield answers.failed(fault, request_id)

"""Runs operations: what is prepared is executed, by graphql-core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from inspect import isawaitable
from typing import cast

import graphql
from graphql import (
    ExecutionResult,
    GraphQLSchema,
    create_source_event_stream,
    execute_root_selection_set,
    execute_subscription_event,
)

from engine import answers
from engine.answers import Answer
from engine.documents import SUBSCRIPTION, Documents, Operation, Prepared
from engine.limits import Limits
from errors import MalformedRequestError

SUBSCRIPTION_NEEDS_STREAM = (
    "A subscription needs a stream: connect a WebSocket with the subprotocol `graphql-transport-ws`, "
    "or send the header `Accept: text/event-stream`."
)

Core = graphql.Executor[None]


class Subscription:
    """A subscription that has begun: the events of its source, each of which is executed by itself.

    Attributes:
        events: What the resolver yields. Closing it closes the resolver's own generator before it returns.
    """

    def __init__(self, core: Core, source: AsyncIterable[object], request_id: str) -> None:
        self._core = core
        self._request_id = request_id
        self.events = _closing(source)

    async def answer(self, event: object) -> Answer:
        """What the subscriber is told of an event."""
        result = execute_subscription_event(self._core.build_per_event_executor(event))
        return answers.executed(await result if isawaitable(result) else result, self._request_id)


class Executor:
    """Runs the operations of one schema.

    Args:
        schema: graphql-core's own schema.
        limits: What a document may cost.
        introspection: Whether clients may read the schema; without it, errors suggest no names either.
    """

    def __init__(self, schema: GraphQLSchema, *, limits: Limits, introspection: bool = True) -> None:
        self._schema = schema
        self.documents = Documents(schema, limits=limits, introspection=introspection)

    def prepare(self, operation: Operation) -> Prepared | Answer:
        """The document ready to run, or the answer that says why it cannot."""
        return self.documents.prepare(operation)

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
        core = self._core(prepared, operation, context)
        if isinstance(core, ExecutionResult):
            return answers.executed(core, request_id)
        result = execute_root_selection_set(core)
        return answers.executed(await result if isawaitable(result) else result, request_id)

    async def start(self, operation: Operation, context: object, request_id: str) -> Subscription | Answer:
        """Starts a subscription, or gives the single answer that says why there is none."""
        prepared = self.prepare(operation)
        if isinstance(prepared, Answer):
            return prepared
        core = self._core(prepared, operation, context)
        if isinstance(core, ExecutionResult):
            return answers.executed(core, request_id)
        stream = create_source_event_stream(core)
        started = await stream if isawaitable(stream) else stream
        if isinstance(started, ExecutionResult):
            return answers.executed(started, request_id)
        return Subscription(core, started, request_id)

    def _core(self, prepared: Prepared, operation: Operation, context: object) -> Core | ExecutionResult:
        """graphql-core's executor of the operation, or what is wrong with its variables."""
        built = graphql.Executor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.operation_name,
            hide_suggestions=self.documents.hide_suggestions,
        )
        if isinstance(built, list):
            return ExecutionResult(None, built)
        return cast("Core", built)


async def _closing(source: AsyncIterable[object]) -> AsyncGenerator[object, None]:
    iterator = aiter(source)
    try:
        async for event in iterator:
            yield event
    finally:
        close = getattr(iterator, "aclose", None)  # an iterator need not have one
        if close is not None:
            await close()

"""Runs operations: what is prepared is executed, by a compiled plan or by graphql-core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from time import perf_counter
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    VariableValues,
    create_source_event_stream,
    default_field_resolver,
    default_type_resolver,
    get_variable_values,
)
from graphql.execution.collect_fields import FragmentDetails

from engine import answers
from engine.answers import EXECUTED, Answer
from engine.counts import Counts
from engine.documents import SUBSCRIPTION, Documents, Operation, Prepared
from engine.limits import Limits
from engine.plans import Plans
from engine.plans.running import Core, by_core
from errors import MalformedRequestError, QueryTooComplexError

SUBSCRIPTION_NEEDS_STREAM = (
    "A subscription needs a stream: connect a WebSocket with the subprotocol `graphql-transport-ws`, "
    "or send the header `Accept: text/event-stream`."
)

MOST_VARIABLE_ERRORS = 50

Run = Callable[[Core], Awaitable[ExecutionResult]]


class Subscription:
    """A subscription that has begun: the events of its source, each of which is executed by itself.

    Attributes:
        events: What the resolver yields. Closing it closes the resolver's own generator before it returns.
    """

    def __init__(self, run: Run, core: Core, source: AsyncIterable[object], request_id: str) -> None:
        self._run = run
        self._core = core
        self._request_id = request_id
        self.events = _closing(source)

    async def answer(self, event: object) -> Answer:
        """What the subscriber is told of an event."""
        return answers.executed(await self._run(self._core.build_per_event_executor(event)), self._request_id)


class Executor:
    """Runs the operations of one schema.

    Args:
        schema: graphql-core's own schema.
        limits: What a document may cost.
        introspection: Whether clients may read the schema; without it, errors suggest no names either.
        compiled: Whether operations that come again are compiled.
        compile_after: How often one runs before that.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        limits: Limits,
        introspection: bool = True,
        compiled: bool = True,
        compile_after: int = 1,
    ) -> None:
        self._schema = schema
        self.counts = Counts()
        self.documents = Documents(schema, limits=limits, introspection=introspection)
        self.plans = Plans(compile_after=compile_after) if compiled else None

    def prepare(self, operation: Operation) -> Prepared | Answer:
        """The document ready to run, or the answer that says why it cannot."""
        return self.documents.prepare(operation)

    async def execute(self, operation: Operation, context: object, request_id: str) -> Answer:
        """Runs a query or a mutation.

        Raises:
            MalformedRequestError: It is a subscription.
        """
        began = perf_counter()
        prepared = self.prepare(operation)
        if isinstance(prepared, Answer):
            self.counts.refused(prepared)
            return prepared
        answer = await self._execute(prepared, operation, context, request_id)
        if operation.reports_cost and answer.status == EXECUTED:
            answer = replace(answer, extensions=self._cost_report(prepared, operation))
        self.counts.answered(prepared.operation_type, answer, perf_counter() - began)
        return answer

    async def _execute(
        self, prepared: Prepared, operation: Operation, context: object, request_id: str
    ) -> Answer:
        if prepared.operation_type is SUBSCRIPTION:
            raise MalformedRequestError(SUBSCRIPTION_NEEDS_STREAM)
        constant = self.plans.constant(prepared) if self.plans else None
        if constant is not None:
            return Answer(constant)
        core = self._core(prepared, operation, context)
        if isinstance(core, Answer):
            return core
        return answers.executed(await self._run(prepared, core), request_id)

    async def start(self, operation: Operation, context: object, request_id: str) -> Subscription | Answer:
        """Starts a subscription, or gives the single answer that says why there is none."""
        prepared = self.prepare(operation)
        if isinstance(prepared, Answer):
            self.counts.refused(prepared)
            return prepared
        started = await self._start(prepared, operation, context, request_id)
        self.counts.began(started if isinstance(started, Answer) else None)
        return started

    async def _start(
        self, prepared: Prepared, operation: Operation, context: object, request_id: str
    ) -> Subscription | Answer:
        core = self._core(prepared, operation, context)
        if isinstance(core, Answer):
            return core
        stream = create_source_event_stream(core)
        started = await stream if isawaitable(stream) else stream
        if isinstance(started, ExecutionResult):
            return answers.executed(started, request_id)
        return Subscription(partial(self._run, prepared), core, started, request_id)

    async def _run(self, prepared: Prepared, core: Core) -> ExecutionResult:
        plan = self.plans.of(prepared, core) if self.plans else None
        if plan is not None:
            return await plan.execute(core)
        return await by_core(core)

    def _core(self, prepared: Prepared, operation: Operation, context: object) -> Core | Answer:
        """graphql-core's executor of the operation, or why it does not run with its variables."""
        hide_suggestions = self.documents.hide_suggestions
        variables = self._variables(prepared, operation)
        if isinstance(variables, list):
            return answers.rejected(variables, "BAD_USER_INPUT")
        try:
            prepared.tariff.check(variables)
        except QueryTooComplexError as error:
            return answers.refused(error)
        return Core(
            self._schema,
            prepared.fragments,
            {name: FragmentDetails(node) for name, node in prepared.fragments.items()},
            None,
            context,
            prepared.definition,
            variables,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            hide_suggestions=hide_suggestions,
        )

    def _variables(self, prepared: Prepared, operation: Operation) -> VariableValues | list[GraphQLError]:
        """The operation's variables, coerced, or what is wrong with them."""
        return get_variable_values(
            self._schema,
            prepared.definition.variable_definitions or (),
            operation.variables or {},
            max_errors=MOST_VARIABLE_ERRORS,
            hide_suggestions=self.documents.hide_suggestions,
        )

    def _cost_report(self, prepared: Prepared, operation: Operation) -> dict[str, Any] | None:
        variables = self._variables(prepared, operation)
        return None if isinstance(variables, list) else {"cost": prepared.tariff.report(variables)}


async def _closing(source: AsyncIterable[object]) -> AsyncGenerator[object, None]:
    iterator = aiter(source)
    try:
        async for event in iterator:
            yield event
    finally:
        close = getattr(iterator, "aclose", None)  # an iterator need not have one
        if close is not None:
            await close()

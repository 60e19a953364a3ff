"""Runs a plan: asks for the root values, completes them, and gives what it cannot complete to graphql-core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLResolveInfo,
    MiddlewareManager,
    OperationType,
    get_argument_values,
)
from graphql.pyutils import Path

from engine.plans.access import Load
from engine.plans.departing import UNKNOWN, Departure, let_go
from engine.plans.selections import Field
from engine.plans.waiting import Awaited, Complete, Loaded, Place, settle

Core = Executor[Any]


class Begun:
    """One run of a plan: what it needs once, whatever the number of objects, and what it waits for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.is_awaitable = core.is_awaitable
        self._held: list[Awaitable[Any]] = []
        self._late: dict[Complete, Awaited] = {}
        self.waiting: list[Awaited | Loaded] = []

    def info(self, field: Field) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells a resolver, but for the path."""
        return self._core.build_resolve_info(field.definition, _nodes(field), field.parent_type, UNKNOWN)

    def arguments(self, field: Field) -> dict[str, Any]:
        """As graphql-core gives them to a resolver."""
        return get_argument_values(
            field.definition,
            field.details[0].node,
            self._core.variable_values,
            field.details[0].fragment_variable_values,
            self._core.hide_suggestions,
        )

    def awaited(self, key: str, complete: Complete) -> Awaited:
        """A field whose values come later."""
        waiting = Awaited(key, complete)
        self.waiting.append(waiting)
        return waiting

    def hold(self, value: Awaitable[Any]) -> None:
        """Remembers what has to be awaited until it has a place to go."""
        self._held.append(value)

    def late(self, key: str, complete: Complete, value: Awaitable[Any], place: Place) -> None:
        """A value that turns out to come later."""
        waiting = self._late.get(complete)
        if waiting is None:
            waiting = self._late[complete] = self.awaited(key, complete)
        waiting.items.append((value, place))

    def loaded(self, key: str, complete: Complete, load: Load, arguments: dict[str, Any]) -> Loaded:
        """A field whose values are loaded together."""
        waiting = Loaded(key, complete, partial(load, self._core.context_value, **arguments))
        self.waiting.append(waiting)
        return waiting

    def abandon(self) -> None:
        """Lets go of what is waited for."""
        for waiting in self.waiting:
            waiting.abandon()
        for value in self._held:
            let_go(value)


@dataclass(frozen=True)
class Outcome:
    """What a root field's resolver gave or raised, at once or later."""

    value: Any = None
    fault: Exception | None = None
    is_late: bool = False

    def again(self) -> Any:
        """The same once more, at once or later."""
        return self._later() if self.is_late else self._now()

    def _now(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.value

    async def _later(self) -> Any:
        return self._now()


class Roots:
    """The values of an operation's root fields, each asked for once.

    A resolver that fails leaves a null and its error, or, where no null may be, an answer to graphql-core.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.outcomes: dict[str, Outcome] = {}

    def ask(self, root: Field, arguments: dict[str, Any]) -> Any:
        """Calls the resolver, as graphql-core would; what it gives may have to be awaited."""
        core, path = self._core, _path(root)
        info = core.build_resolve_info(root.definition, _nodes(root), root.parent_type, path)
        try:
            value = (root.definition.resolve or core.field_resolver)(core.root_value, info, **arguments)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is the field's
            return self._failed(root, Outcome(fault=fault), fault)
        self.outcomes[root.key] = Outcome(value)  # what a departure leaves unawaited, graphql-core awaits
        return value

    async def come(self, root: Field, value: Awaitable[Any]) -> Any:
        """Waits for a value."""
        try:
            got = await value
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is the field's
            return self._failed(root, Outcome(fault=fault, is_late=True), fault)
        self.outcomes[root.key] = Outcome(got, is_late=True)
        return got

    def _failed(self, root: Field, outcome: Outcome, fault: Exception) -> None:
        self.outcomes[root.key] = outcome
        self._core.handle_field_error(fault, root.definition.type, list(root.details), _path(root))


class Remembered(MiddlewareManager):
    """Has graphql-core go on from the root values that there are: no root resolver runs twice."""

    def __init__(self, outcomes: Mapping[str, Outcome], core: Core, roots: Sequence[Field]) -> None:
        super().__init__()
        self._outcomes = outcomes
        self._resolvers = {root.definition.resolve or core.field_resolver for root in roots}

    def get_field_resolver(self, field_resolver: Callable[..., Any]) -> Callable[..., Any]:
        """The resolver, which answers from memory where it stands at the root."""
        if field_resolver not in self._resolvers:
            return field_resolver

        def resolver(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
            outcome = self._outcomes.get(str(info.path.key)) if info.path.prev is None else None
            return field_resolver(source, info, **arguments) if outcome is None else outcome.again()

        return resolver


class Plan:
    """An operation compiled, for one choice of what is skipped and included.

    Attributes:
        constant: Its data, if nobody need be asked.
        runs: How often it ran.
        departures: How often something unforeseen came.
    """

    def __init__(
        self,
        roots: Sequence[Field],
        make: Callable[[Begun], list[Complete]],
        on_departure: Callable[[], None],
    ) -> None:
        self._roots = roots
        self._make = make
        self._on_departure = on_departure
        self.constant = (
            {root.key: root.parent_type.name for root in roots}
            if all(root.is_typename for root in roots)
            else None
        )
        self.runs = 0
        self.departures = 0

    async def execute(self, core: Core) -> ExecutionResult:
        """The answer, which is graphql-core's."""
        self.runs += 1
        begun, roots = Begun(core), Roots(core)
        try:
            data = await self._data(begun, roots, serially=_is_serial(core))
        except Departure:
            self.departures += 1
            self._on_departure()
        except Exception:  # noqa: BLE001, S110 - graphql-core meets it again, and shapes it
            pass
        else:
            return ExecutionResult(data, core.collected_errors.errors or None)
        finally:
            begun.abandon()
        anew = core.build_per_event_executor(core.root_value)
        anew.middleware_manager = Remembered(roots.outcomes, core, self._roots)
        return await by_core(anew)

    async def _data(self, begun: Begun, roots: Roots, *, serially: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        completions: list[Complete] = []
        alone = serially or len(self._roots) == 1
        for position, root in enumerate(self._roots):
            if root.is_typename:
                data[root.key] = root.parent_type.name
                continue
            value = roots.ask(root, begun.arguments(root) if root.takes_arguments else {})
            is_late = begun.is_awaitable(value)
            if is_late and alone:
                value, is_late = await roots.come(root, value), False
            if value is None and root.is_nullable:
                data[root.key] = None
                continue
            completions = completions or self._make(begun)
            if is_late:
                data[root.key] = None
                begun.late(root.key, completions[position], roots.come(root, value), data)
            else:
                data[root.key] = completions[position](value)
            if serially:
                await settle(begun.waiting)
        await settle(begun.waiting)
        return data


async def by_core(core: Core) -> ExecutionResult:
    """The answer as graphql-core finds it."""
    result: Any = core.execute_operation(_is_serial(core))
    executed: ExecutionResult = await result if isawaitable(result) else result
    return executed


def _is_serial(core: Core) -> bool:
    return core.operation.operation is OperationType.MUTATION


def _nodes(field: Field) -> list[FieldNode]:
    return [detail.node for detail in field.details]


def _path(root: Field) -> Path:
    return Path(None, root.key, root.parent_type.name)

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
    GraphQLResolveInfo,
    MiddlewareManager,
    OperationType,
    get_argument_values,
)
from graphql.pyutils import Path

from engine.plans.access import Load
from engine.plans.departing import UNKNOWN, Departure
from engine.plans.selections import Field
from engine.plans.waiting import Awaited, Complete, Loaded, settle

Core = Executor[Any]


class Begun:
    """One run of a plan: what it needs once, whatever the number of objects, and what it waits for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.waiting: list[Awaited | Loaded] = []

    def info(self, field: Field) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells a resolver, but for the path."""
        nodes = [detail.node for detail in field.details]
        return self._core.build_resolve_info(field.definition, nodes, field.parent_type, UNKNOWN)

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

    def loaded(self, key: str, complete: Complete, load: Load, arguments: dict[str, Any]) -> Loaded:
        """A field whose values are loaded together."""
        waiting = Loaded(key, complete, partial(load, self._core.context_value, **arguments))
        self.waiting.append(waiting)
        return waiting

    def abandon(self) -> None:
        """Lets go of what is waited for."""
        for waiting in self.waiting:
            waiting.abandon()


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
        outcomes: dict[str, Outcome] = {}
        begun = Begun(core)
        try:
            return ExecutionResult(await self._data(core, begun, outcomes), None)
        except Departure:
            self.departures += 1
            self._on_departure()
        except Exception:  # noqa: BLE001, S110 - graphql-core meets it again, and shapes it
            pass
        finally:
            begun.abandon()
        core.middleware_manager = Remembered(outcomes, core, self._roots)
        return await by_core(core)

    async def _data(self, core: Core, begun: Begun, outcomes: dict[str, Outcome]) -> dict[str, Any]:
        completions = self._make(begun)
        serially = core.operation.operation is OperationType.MUTATION
        data: dict[str, Any] = {}
        for root, complete in zip(self._roots, completions, strict=True):
            if root.is_typename:
                data[root.key] = root.parent_type.name
                continue
            value = _asked(core, root, outcomes)
            if core.is_awaitable(value):
                data[root.key] = None
                begun.awaited(root.key, complete).items.append((_remembered(value, root.key, outcomes), data))
            else:
                data[root.key] = complete(value)
            if serially:
                await settle(begun.waiting)
        await settle(begun.waiting)
        return data


async def by_core(core: Core) -> ExecutionResult:
    """The answer as graphql-core finds it."""
    result: Any = core.execute_operation(core.operation.operation is OperationType.MUTATION)
    executed: ExecutionResult = await result if isawaitable(result) else result
    return executed


def _asked(core: Core, root: Field, outcomes: dict[str, Outcome]) -> Any:
    """Calls a root field's resolver, as graphql-core would."""
    nodes = [detail.node for detail in root.details]
    path = Path(None, root.key, root.parent_type.name)
    info = core.build_resolve_info(root.definition, nodes, root.parent_type, path)
    arguments = Begun(core).arguments(root) if root.takes_arguments else {}
    resolve = root.definition.resolve or core.field_resolver
    try:
        value = resolve(core.root_value, info, **arguments)
    except Exception as fault:
        outcomes[root.key] = Outcome(fault=fault)
        raise
    if not core.is_awaitable(value):
        outcomes[root.key] = Outcome(value)
    return value


async def _remembered(value: Awaitable[Any], key: str, outcomes: dict[str, Outcome]) -> Any:
    try:
        got = await value
    except Exception as fault:
        outcomes[key] = Outcome(fault=fault, is_late=True)
        raise
    outcomes[key] = Outcome(got, is_late=True)
    return got

"""Both ways of running an operation, and all that can be told of what came of it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLSchema
from structlog.testing import capture_logs

from engine.answers import Answer, failed
from engine.documents import SUBSCRIPTION, Operation
from engine.executor import Executor, Subscription
from engine.limits import Limits

ROOMY = Limits(
    max_depth=100,
    max_aliases=10_000,
    max_root_fields=1_000,
    max_directives=10_000,
    max_fields=100_000,
    max_costs={},
)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


@dataclass
class Outcome:
    """What became of an operation.

    Attributes:
        answers: Each as a response map, in order.
        faults: What was logged and masked, with the words of each fault, in order.
        log: What mutations did.
        tasks: How many coroutines ran side by side.
    """

    answers: list[dict[str, Any]]
    faults: list[str]
    log: list[str]
    tasks: int

    def exactly(self) -> tuple[object, ...]:
        """All of it: as it is sent where it can be, and in Python's words, which tell 1 from True."""
        return (
            [_sent(one) for one in self.answers],
            [_shown(one) for one in self.answers],
            self.faults,
            self.log,
        )

    def in_any_order(self) -> tuple[object, ...]:
        """What is certain where coroutines run side by side.

        graphql-core lists errors as they come. If several would null the same place, those that come once it is null
        are dropped: so it is certain that there was one, and not which.
        """
        return [_certain(one) for one in self.answers], self.log


class Modes:
    """graphql-core itself, and plans from the first execution on, for one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.core = Executor(schema, limits=ROOMY, compiled=False)
        self.compiled = Executor(schema, limits=ROOMY, compile_after=0)

    async def compare(self, operation: Operation, context: Callable[[], Any]) -> Outcome:
        """Runs the operation once in each mode, with a context of its own: both come out alike, and it is valid."""
        wanted = await outcome(self.core, operation, context())
        found = await outcome(self.compiled, operation, context())
        if not wanted.tasks or found.exactly() != wanted.exactly():
            assert found.in_any_order() == wanted.in_any_order()
        if not wanted.tasks:
            assert found.exactly() == wanted.exactly()
        assert "GRAPHQL_VALIDATION_FAILED" not in str(wanted.answers)
        return wanted


async def outcome(executor: Executor, operation: Operation, context: Any) -> Outcome:
    """What becomes of the operation in this mode."""
    with capture_logs() as logs, _counted_tasks() as tasks:
        answers = await _answers(executor, operation, context)
    faults = [_words(log["exc_info"]) for log in logs if log["event"] == "operation failed"]
    return Outcome([answer.as_dict() for answer in answers], faults, getattr(context, "log", []), len(tasks))


async def _answers(executor: Executor, operation: Operation, context: Any) -> list[Answer]:
    prepared = executor.prepare(operation)
    if isinstance(prepared, Answer) or prepared.operation_type is not SUBSCRIPTION:
        return [await executor.execute(operation, context, "a-request")]
    begun = await executor.start(operation, context, "a-request")
    if isinstance(begun, Answer):
        return [begun]
    return [answer async for answer in _of_events(begun)]


async def _of_events(begun: Subscription) -> AsyncIterator[Answer]:
    """An answer for each event; a fault of the source is the last."""
    try:
        async with aclosing(begun.events):
            async for event in begun.events:
                yield await begun.answer(event)
    except Exception as fault:  # noqa: BLE001 - whatever ends the source
        yield failed(fault, "a-request")


@contextmanager
def _counted_tasks() -> Iterator[list[str]]:
    """The names of the tasks that are made meanwhile."""
    loop = asyncio.get_running_loop()
    made: list[str] = []

    def make(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(str(work))
        return asyncio.Task(work, loop=loop, **options)

    before = loop.get_task_factory()
    loop.set_task_factory(make)
    try:
        yield made
    finally:
        loop.set_task_factory(before)


def _certain(answer: dict[str, Any]) -> tuple[object, ...]:
    sure: Counter[str] = Counter()
    nulls = set()
    for error in answer.get("errors", []):
        path = error.get("path", [])
        null = _null_on(path, answer.get("data"))
        nulls.add(str(null))
        if null == path:
            sure[_shown(error)] += 1
    return _shown(answer.get("data", "nothing ran")), sure, nulls


def _null_on(path: list[str | int], data: Any) -> list[str | int]:
    """The path up to where the data is null."""
    for length, key in enumerate(path):
        if data is None or (
            isinstance(data, dict) and key not in data
        ):  # an error may say that it is elsewhere
            return path[:length]
        if not isinstance(data, (dict, list)) or not _has(data, key):
            return path  # a resolver's own error may say any path
        data = data[key]
    return path


def _has(data: Any, key: str | int) -> bool:
    return key in data if isinstance(data, dict) else isinstance(key, int) and key < len(data)


def _sent(answer: dict[str, Any]) -> str:
    try:
        return ADDRESS.sub("", orjson.dumps(answer).decode())
    except TypeError:
        return "cannot be sent"


def _shown(value: object) -> str:
    try:
        return ADDRESS.sub("", repr(value))
    except Exception as fault:  # noqa: BLE001 - a value without words
        return f"cannot be shown: {fault}"


def _words(fault: BaseException) -> str:
    try:
        return ADDRESS.sub("", f"{type(fault).__name__}: {fault}")
    except Exception as wordless:  # noqa: BLE001 - a fault without words
        return f"{type(fault).__name__}: {type(wordless).__name__}"

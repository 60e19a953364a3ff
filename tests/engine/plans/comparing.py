"""Both ways of running an operation, and all that can be told of what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLSchema
from structlog.testing import capture_logs

from engine.answers import Answer
from engine.documents import SUBSCRIPTION, Operation
from engine.executor import Executor
from engine.limits import Limits

ROOMY = Limits(
    max_depth=100, max_aliases=10_000, max_root_fields=1_000, max_directives=10_000, max_fields=100_000
)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


@dataclass
class Outcome:
    """What became of an operation.

    Attributes:
        answers: Each as it is sent, in bytes where it can be.
        shown: Each in Python's words: these tell 1 from True.
        faults: What was logged and masked, with the words of each fault, in order.
        log: What mutations did.
    """

    answers: list[bytes | str]
    shown: list[str]
    faults: list[str]
    log: list[str]


class Modes:
    """graphql-core itself, and plans from the first execution on, for one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.core = Executor(schema, limits=ROOMY)
        self.compiled = Executor(schema, limits=ROOMY)

    async def compare(self, operation: Operation, context: Callable[[], Any]) -> Outcome:
        """Runs the operation once in each mode, with a context of its own: both come out alike, and it is valid."""
        wanted = await outcome(self.core, operation, context())
        found = await outcome(self.compiled, operation, context())
        assert found == wanted
        assert "GRAPHQL_VALIDATION_FAILED" not in wanted.shown[0]
        return wanted


async def outcome(executor: Executor, operation: Operation, context: Any) -> Outcome:
    """What becomes of the operation in this mode."""
    with capture_logs() as logs:
        answers = await _answers(executor, operation, context)
    faults = [_words(log["exc_info"]) for log in logs if log["event"] == "operation failed"]
    maps = [answer.as_dict() for answer in answers]
    return Outcome([_sent(one) for one in maps], list(map(_shown, maps)), faults, getattr(context, "log", []))


async def _answers(executor: Executor, operation: Operation, context: Any) -> list[Answer]:
    prepared = executor.prepare(operation)
    if isinstance(prepared, Answer) or prepared.operation_type is not SUBSCRIPTION:
        return [await executor.execute(operation, context, "a-request")]
    begun = await executor.subscribe(operation, context, "a-request")
    return [begun] if isinstance(begun, Answer) else [answer async for answer in begun]


def _sent(answer: dict[str, Any]) -> bytes | str:
    try:
        return orjson.dumps(answer)
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

"""Work that is begun at once, and becomes a task only if it has to wait."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Generator
from types import coroutine
from typing import Any


def begun(work: Coroutine[Any, Any, None]) -> Awaitable[None] | None:
    """Runs `work` up to where it first waits: None if it never does, else what is left of it, for a task to await."""
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return _rest(work, awaited)


@coroutine
def _rest(work: Coroutine[Any, Any, None], awaited: object) -> Generator[object, Any, None]:
    """Awaits what `work` awaits; a cancellation is thrown into `work`, as if it had been awaited all along."""
    while True:
        try:
            came = yield awaited
        except BaseException as thrown:  # noqa: BLE001 - whatever it is, it is for `work`
            fault: BaseException | None = thrown
        else:
            fault = None
        try:
            awaited = work.send(came) if fault is None else work.throw(fault)
        except StopIteration:
            return

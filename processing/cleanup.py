"""What is put right at the end of a request, also of one whose client has left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()
_running: set[asyncio.Task[None]] = set()  # the event loop itself would let go of them


async def to_the_end(work: Coroutine[Any, Any, None], what: str) -> None:
    """Runs `work` to its end though the caller be cancelled, once or again.

    A failure is logged and goes no further: it must not hide how the request itself ended. So `work` is such that
    something else puts it right later.
    """
    task = asyncio.create_task(_logged(work, what))
    _running.add(task)
    task.add_done_callback(_running.discard)
    await asyncio.shield(task)


async def _logged(work: Coroutine[Any, Any, None], what: str) -> None:
    try:
        await work
    except Exception as error:
        log.warning("not put right at once", what=what, reason=str(error), exc_info=error)

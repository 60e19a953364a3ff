"""Waiting for aiokafka, which may lose a cancellation, and so may outlast `asyncio.timeout`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import tasks

CANCELLED_WITHIN_SECONDS = 8.0

T = TypeVar("T")


async def within(seconds: float, doing: Coroutine[Any, Any, T]) -> T:
    """What it gives. Whatever happens, nobody waits for it any longer than this.

    Raises:
        TimeoutError: It takes longer.
    """
    task = asyncio.ensure_future(doing)
    task.add_done_callback(_heard_out)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError(f"no answer within {seconds:g} seconds")
        return task.result()
    finally:
        task.cancel()


async def end(task: asyncio.Task[None]) -> None:
    """Cancels it until it has ended; not too often, since it must leave its group meanwhile."""
    await tasks.end(task, again_after_seconds=CANCELLED_WITHIN_SECONDS)


def _heard_out(task: asyncio.Future[Any]) -> None:
    """Whoever gave it up does not want to be told how it failed."""
    if not task.cancelled():
        task.exception()

"""What runs beside something else: begun together, ended for sure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")

AGAIN_AFTER_SECONDS = 1.0
AFTER_OTHERS_SECONDS = 3.0
"""For a task that ends others in its turn: so they are cancelled again before it is."""


async def end(task: asyncio.Future[Any], again_after_seconds: float = AGAIN_AFTER_SECONDS) -> None:
    """Cancels it until it has ended: libraries lose a cancellation at times. How it ended is of no interest."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_after_seconds)
    if not task.cancelled():
        task.exception()


async def both(first: Awaitable[First], second: Awaitable[Second]) -> tuple[First, Second]:
    """What two give that are done at once. If one fails, the other goes on to its end before that is raised."""
    begun = asyncio.ensure_future(first), asyncio.ensure_future(second)
    for outcome in await asyncio.gather(*begun, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
    return begun[0].result(), begun[1].result()

"""Ending what runs in the background."""

from __future__ import annotations

import asyncio

AGAIN_AFTER_SECONDS = 1.0


async def end(task: asyncio.Task[None], again_after_seconds: float = AGAIN_AFTER_SECONDS) -> None:
    """Cancels it until it has ended: libraries lose a cancellation at times. How it ended is of no interest."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_after_seconds)
    if not task.cancelled():
        task.exception()

"""Work that is waited for to its end, because what comes after must know how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from anyio import CancelScope

Result = TypeVar("Result")


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work returns or raises. A caller who is cancelled meanwhile learns of it when the work has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        raise


async def _ended(task: asyncio.Future[Any]) -> None:
    """Returns when it has ended, whoever is cancelled meanwhile."""
    with CancelScope(shield=True):  # or else anyio would cancel again and again while we wait
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # the caller has gone: nobody else asks for it

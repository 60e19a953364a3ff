"""Work that is waited for to its end, because what comes after must know how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from anyio import CancelScope

Result = TypeVar("Result")


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work returns or raises. A caller who is cancelled meanwhile learns of it when the work has ended."""
    task = asyncio.ensure_future(work)
    cancelled = None
    with CancelScope(shield=True):  # or else anyio would cancel again and again while we wait
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled:
        if not task.cancelled():
            task.exception()  # the caller has gone: nobody else asks for it
        raise cancelled
    return task.result()

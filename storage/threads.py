"""A few threads for an adapter whose calls block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TypeVar, TypeVarTuple

from anyio import CancelScope, CapacityLimiter, to_thread

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


class Threads:
    """At most `count` blocking calls at a time.

    A call that was asked for is always waited for, also by a caller who is cancelled meanwhile: what is cleaned up
    after it is not still being used.
    """

    def __init__(self, count: int) -> None:
        self._limiter = CapacityLimiter(count)

    async def run(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """What the function returns or raises."""
        work = asyncio.ensure_future(to_thread.run_sync(function, *arguments, limiter=self._limiter))
        cancelled = None
        with CancelScope(shield=True):  # or else anyio would cancel again and again while we wait
            while not work.done():
                try:
                    await asyncio.wait({work})
                except asyncio.CancelledError as error:
                    cancelled = error
        if cancelled:
            work.exception()  # the caller has gone: nobody else asks for it
            raise cancelled
        return work.result()

    async def step_through(self, steps: Generator[Result]) -> AsyncGenerator[Result]:
        """What the blocking generator yields; it is closed when this one is."""
        try:
            while (step := await self.run(next, steps, None)) is not None:
                yield step
        finally:
            steps.close()

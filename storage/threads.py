"""A few threads for an adapter whose calls block."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

from storage.ending import to_its_end

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
        return await to_its_end(to_thread.run_sync(function, *arguments, limiter=self._limiter))

    async def step_through(self, steps: Generator[Result]) -> AsyncGenerator[Result]:
        """What the blocking generator yields; it is closed when this one is."""
        try:
            while (step := await self.run(next, steps, None)) is not None:
                yield step
        finally:
            steps.close()

"""So many at once, and the others in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from errors import FetchFailedError


class Turns:
    """Of what has the same key, at most `at_once` run at a time in this process; the others wait in their order."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._turns: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: Hashable, within_seconds: float) -> AsyncIterator[None]:
        """Waits for a turn, and has it for the length of the block.

        Raises:
            FetchFailedError: None came in time.
        """
        turns = self._turns.setdefault(key, asyncio.Semaphore(self._at_once))
        try:
            async with asyncio.timeout(within_seconds):
                await turns.acquire()
        except TimeoutError:
            raise FetchFailedError from None
        try:
            yield
        finally:
            turns.release()

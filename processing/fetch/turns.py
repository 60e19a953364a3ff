"""So many at once, and the others in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from weakref import WeakValueDictionary

from errors import FetchFailedError

Aside = Callable[[], AbstractContextManager[None]]
"""What a caller makes of the time in which it waits for its turn."""


class Turns:
    """Of what has the same key, at most `at_once` run at a time in this process; the others wait in their order."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._turns: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(
        self, key: Hashable, within_seconds: float | None, aside: Aside = nullcontext
    ) -> AsyncIterator[None]:
        """Waits for a turn, and has it for the length of the block. Whoever has to wait does so inside `aside`.

        Raises:
            FetchFailedError: None came in time.
        """
        turns = self._turns.setdefault(key, asyncio.Semaphore(self._at_once))
        try:
            async with asyncio.timeout(within_seconds):
                with aside() if turns.locked() else nullcontext():
                    await turns.acquire()
        except TimeoutError:
            raise FetchFailedError from None
        try:
            yield
        finally:
            turns.release()

"""How much is worked on at once, and by whom it is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Lanes:
    """Room for `at_once` items in hand.

    An item that waits for something else than this machine, such as its turn at a slow host, steps aside, and another
    one comes in. At most `aside` do so at a time. Coming back, an item goes on at once: then there is one too many for
    a while, and the next that ends makes room for nobody.
    """

    def __init__(self, at_once: int, aside: int = 0) -> None:
        self.at_once = at_once
        self._most_in_hand = at_once + aside
        self._in_hand = self._aside = 0
        self._less = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more may come in; less than none while there are too many."""
        return min(self.at_once - (self._in_hand - self._aside), self._most_in_hand - self._in_hand)

    async def wait_for_room(self, count: int = 1) -> None:
        """Until there is room for so many."""
        while self.room < count:
            self._less.clear()
            await self._less.wait()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Takes room for one, for the length of the block."""
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1
            self._less.set()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Gives the room to somebody else for the length of the block."""
        self._aside += 1
        self._less.set()
        try:
            yield
        finally:
            self._aside -= 1


class Occupation:
    """Whether anything is in hand, for whoever works only while nothing is.

    `is_idle` is set once nothing has been for `rest_seconds`, `is_busy` as long as something is.
    """

    def __init__(self, rest_seconds: float = 0.0) -> None:
        self._rest_seconds = rest_seconds
        self._in_hand = 0
        self._resting: asyncio.TimerHandle | None = None
        self.is_busy, self.is_idle = asyncio.Event(), asyncio.Event()
        self.is_idle.set()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Something is, for the length of the block."""
        self._in_hand += 1
        self.is_idle.clear()
        self.is_busy.set()
        if self._resting:
            self._resting.cancel()
        try:
            yield
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self.is_busy.clear()
                self._resting = asyncio.get_running_loop().call_later(self._rest_seconds, self.is_idle.set)

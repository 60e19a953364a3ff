"""The queue in MongoDB: for one machine or a few, with no further server to run.

The work itself lies in `models/work.py`. This adapter adds the waiting: a change stream wakes it when something is
published anywhere, a clock when a delayed item or a dead worker's lease comes due.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial

from models.feed import Follower
from models.work import Topic, Work
from processing.queue.base import LeasedItem
from processing.queue.leasing import LEASE_SECONDS, Leasing, translated

LONGEST_WAIT_SECONDS = 5.0
SHORTEST_WAIT_SECONDS = 0.02


class MongoQueue(Leasing):
    """Wakes whoever waits by a change stream and a clock."""

    kind = "mongo"

    def __init__(self, lease_seconds: float = LEASE_SECONDS) -> None:
        super().__init__(lease_seconds)
        self._waiting: set[asyncio.Event] = set()
        self._follower = Follower(Work, on_insert=lambda _: self._wake(), on_open=self._wake)

    async def consume(self, topic: Topic, most: int) -> Sequence[LeasedItem]:
        self._follower.start()
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            while True:
                news.clear()
                async with translated():
                    ready, seconds_left = await Work.first_in_line(topic, most)
                if leased := ready and await self._take_whole(partial(Work.take, ready)):
                    return leased
                await _wait(news, SHORTEST_WAIT_SECONDS if ready else seconds_left)
        finally:
            self._waiting.discard(news)

    async def check(self) -> None:
        async with translated():
            await Work.first_in_line(Topic.UPLOADS, 1)

    async def close(self) -> None:
        await self._follower.close()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()


async def _wait(news: asyncio.Event, seconds_left: float | None) -> None:
    """Until something is published, or the next date comes, or LONGEST_WAIT_SECONDS have passed."""
    wait_seconds = LONGEST_WAIT_SECONDS if seconds_left is None else min(LONGEST_WAIT_SECONDS, seconds_left)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(wait_seconds, SHORTEST_WAIT_SECONDS)):
            await news.wait()

"""The queue in MongoDB: for one machine or a few, with no further server to run.

The work itself lies in `models/work.py`. This adapter adds the waiting: a change stream wakes it when something is
published anywhere, a clock when a delayed item or a dead worker's lease comes due.
"""

from __future__ import annotations

import asyncio
import contextlib
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

    async def consume(self, topic: Topic) -> LeasedItem:
        self._follower.start()
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            while (leased := await self._take_whole(partial(Work.take, topic))) is None:
                await _wait(topic, news)
        finally:
            self._waiting.discard(news)
        return leased

    async def check(self) -> None:
        async with translated():
            await Work.seconds_until_next(Topic.UPLOADS)

    async def close(self) -> None:
        await self._follower.close()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()


async def _wait(topic: Topic, news: asyncio.Event) -> None:
    """Until something is published, or the next date comes, or LONGEST_WAIT_SECONDS have passed."""
    async with translated():
        seconds_left = await Work.seconds_until_next(topic)
    wait_seconds = LONGEST_WAIT_SECONDS if seconds_left is None else min(LONGEST_WAIT_SECONDS, seconds_left)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(wait_seconds, SHORTEST_WAIT_SECONDS)):
            await news.wait()
    news.clear()

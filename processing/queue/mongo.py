"""The queue in MongoDB: for one machine or a few, with no further server to run.

The work itself lies in `models/work.py`. This adapter adds the waiting: a change stream wakes it when something is
published anywhere, a clock when a delayed item or a dead worker's lease comes due.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pymongo.errors import PyMongoError

from errors import QueueError
from models.feed import Follower
from models.transactions import Transaction
from models.work import DeadLetter, Topic, Work
from processing.queue.base import LeasedItem, WorkItem

LEASE_SECONDS = 12.0  # four heartbeats: how soon the work of a dead worker is taken up
LONGEST_WAIT_SECONDS = 5.0
SHORTEST_WAIT_SECONDS = 0.02


class MongoQueue:
    """Leases with heartbeats over the `work` collection."""

    kind = "mongo"

    def __init__(self, lease_seconds: float = LEASE_SECONDS) -> None:
        self._lease_seconds = lease_seconds
        self._waiting: set[asyncio.Event] = set()
        self._follower = Follower(Work, on_insert=lambda _: self._wake(), on_open=self._wake)

    async def publish(
        self, items: Sequence[WorkItem], transaction: Transaction | None = None, *, delay_seconds: float = 0
    ) -> None:
        documents = [
            Work(
                id=item.id,
                topic=item.topic,
                kind=item.kind,
                subject_id=item.subject_id,
                owner_id=item.owner_id,
            )
            for item in items
        ]
        if transaction:  # whose own driver must see its errors, to try again
            await Work.add(documents, transaction, delay_seconds)
            return
        async with _translated():
            await Work.add(documents, None, delay_seconds)

    async def consume(self, topic: Topic) -> LeasedItem:
        self._follower.start()
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            while (leased := await self._take_whole(topic)) is None:
                await _wait(topic, news)
        finally:
            self._waiting.discard(news)
        return leased

    async def extend(self, leased: LeasedItem) -> bool:
        return await self.retry(leased, self._lease_seconds)

    async def acknowledge(self, leased: LeasedItem) -> bool:
        async with _translated():
            return await Work.finish(leased.item.id, leased.lease)

    async def retry(self, leased: LeasedItem, delay_seconds: float) -> bool:
        async with _translated():
            released = await Work.release(leased.item.id, leased.lease, delay_seconds)
        self._wake()
        return released

    async def hand_back(self, leased: LeasedItem) -> bool:
        async with _translated():
            handed_back = await Work.hand_back(leased.item.id, leased.lease)
        self._wake()
        return handed_back

    async def bury(self, leased: LeasedItem, reason: str) -> bool:
        """The letter is written while the item is held: a crash in between repeats it, and loses nothing."""
        if not await self.extend(leased):
            return False
        item = leased.item
        letter = DeadLetter(
            id=item.id,
            topic=item.topic,
            kind=item.kind,
            subject_id=item.subject_id,
            owner_id=item.owner_id,
            attempt_count=leased.attempt,
            reason=reason,
        )
        async with _translated():
            await DeadLetter.keep(letter)
        return await self.acknowledge(leased)

    async def close(self) -> None:
        await self._follower.close()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()

    async def _take_whole(self, topic: Topic) -> LeasedItem | None:
        """Takes an item; a caller that is cancelled meanwhile has none, and the item comes again at once."""
        taking = asyncio.ensure_future(self._take(topic))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            if leased := await taking:
                await self.hand_back(leased)
            raise

    async def _take(self, topic: Topic) -> LeasedItem | None:
        lease = secrets.token_hex(8)
        async with _translated():
            work = await Work.take(topic, lease, self._lease_seconds)
        if work is None or work.id is None:
            return None
        return LeasedItem(
            WorkItem(work.kind, work.subject_id, work.owner_id, work.id, work.topic),
            work.attempt_count,
            lease,
        )


async def _wait(topic: Topic, news: asyncio.Event) -> None:
    """Until something is published, or the next date comes, or LONGEST_WAIT_SECONDS have passed."""
    async with _translated():
        seconds_left = await Work.seconds_until_next(topic)
    wait_seconds = LONGEST_WAIT_SECONDS if seconds_left is None else min(LONGEST_WAIT_SECONDS, seconds_left)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), max(wait_seconds, SHORTEST_WAIT_SECONDS))
    news.clear()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """PyMongo's exceptions, as ours."""
    try:
        yield
    except PyMongoError as error:
        raise QueueError(f"MongoDB: {error}") from error

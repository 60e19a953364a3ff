"""What the queues over the `work` collection share: everything but the waiting."""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from beanie import PydanticObjectId
from pymongo.errors import PyMongoError

from errors import QueueError
from models.transactions import Transaction
from models.work import DeadLetter, Work
from processing import cleanup
from processing.queue.base import LeasedItem, WorkItem
from processing.together import Together

LEASE_SECONDS = 12.0  # four heartbeats: how soon the work of a dead worker is taken up

Taking = Callable[[str, float], Awaitable[Sequence[Work]]]
"""Takes items under a lease of so many seconds, if there are any."""


class Leasing(ABC):
    """Leases with heartbeats over the `work` collection, which is the truth whoever wakes the workers."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._acknowledging = Together(_finish)

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
                trace=item.trace,
            )
            for item in items
        ]
        if transaction:  # whose own driver must see its errors, to try again
            await Work.add(documents, transaction, delay_seconds)
            return
        async with translated():
            await Work.add(documents, None, delay_seconds)

    async def extend(self, held: Sequence[LeasedItem]) -> int:
        async with translated():
            return await Work.extend([(leased.item.id, leased.lease) for leased in held], self._lease_seconds)

    async def acknowledge(self, leased: LeasedItem) -> bool:
        async with translated():
            return await self._acknowledging.ask(leased)

    async def retry(self, leased: LeasedItem, delay_seconds: float) -> bool:
        async with translated():
            released = await Work.release(leased.item.id, leased.lease, delay_seconds)
        self._wake()
        return released

    async def hand_back(self, leased: LeasedItem) -> bool:
        async with translated():
            handed_back = await Work.hand_back(leased.item.id, leased.lease)
        self._wake()
        return handed_back

    async def bury(self, leased: LeasedItem, reason: str) -> bool:
        """The letter is written while the item is held: a crash in between repeats it, and loses nothing."""
        if not await self.extend([leased]):
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
        async with translated():
            await DeadLetter.keep(letter)
        return await self.acknowledge(leased)

    @abstractmethod
    def _wake(self) -> None:
        """Dates have changed here: whoever waits for one looks again."""

    async def _take_whole(self, taking: Taking) -> list[LeasedItem]:
        """Takes items; a caller that is cancelled meanwhile has none, and they come again at once."""
        task = asyncio.ensure_future(self._take(taking))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await cleanup.to_the_end(self._hand_back_all(task), "work that was just taken")
            raise

    async def _hand_back_all(self, taking: Awaitable[Sequence[LeasedItem]]) -> None:
        for leased in await taking:
            await self.hand_back(leased)

    async def _take(self, taking: Taking) -> list[LeasedItem]:
        lease = secrets.token_hex(8)
        async with translated():
            taken = await taking(lease, self._lease_seconds)
        return [LeasedItem(_item(work), work.attempt_count, lease) for work in taken]


async def _finish(done: Sequence[LeasedItem]) -> list[bool]:
    return await Work.finish([(leased.item.id, leased.lease) for leased in done])


def _item(work: Work) -> WorkItem:
    return WorkItem(
        work.kind, work.subject_id, work.owner_id, PydanticObjectId(work.id), work.topic, work.trace
    )


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """PyMongo's exceptions, as ours."""
    try:
        yield
    except PyMongoError as error:
        raise QueueError(f"MongoDB: {error}") from error

"""Deletes that are sure to happen: what is to go is written down with what makes it superfluous, and then deleted."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from beanie import PydanticObjectId

from models.image import StoredAt
from models.leftover import Leftover
from models.transactions import Transaction
from processing.queue.base import WorkItem, WorkQueue
from storage.adapters import Storages

DELETE_LEFTOVER = "delete_leftover"
MAX_ATTEMPTS = 1_000  # with the longest delay between them: a provider may be down for two days

log = structlog.get_logger()


async def remember(
    owner_id: PydanticObjectId,
    places: Sequence[StoredAt],
    queue: WorkQueue,
    transaction: Transaction,
    *,
    delay_seconds: float = 0,
) -> None:
    """If and when the transaction is committed, the objects will be deleted, not before `delay_seconds`."""
    leftovers = [
        Leftover(id=PydanticObjectId(), owner_id=owner_id, stored_at=stored_at) for stored_at in places
    ]
    if leftovers:
        await Leftover.add(leftovers, transaction)
        await queue.publish(
            [_work(leftover) for leftover in leftovers], transaction, delay_seconds=delay_seconds
        )


class DeleteLeftover:
    """Deletes an object that nothing refers to any more, wherever it lies."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Storages) -> None:
        self._storages = storages

    async def run(self, item: WorkItem) -> None:
        """Deletes the object, then forgets it."""
        leftover = await Leftover.get(item.subject_id)
        if leftover:
            stored_at = leftover.stored_at
            await self._storages.of(stored_at.kind).delete(stored_at.key)
            await Leftover.forget(item.subject_id)

    async def give_up(self, item: WorkItem) -> None:
        """The object is left over, and the dead letter says which."""
        log.error("an object is left over", owner=str(item.owner_id), leftover=str(item.subject_id))


def _work(leftover: Leftover) -> WorkItem:
    return WorkItem(DELETE_LEFTOVER, PydanticObjectId(leftover.id), leftover.owner_id, id=PydanticObjectId())

"""Deletes that are sure to happen: what is to go is written down with what makes it superfluous, and then deleted."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from beanie import PydanticObjectId

from errors import StorageError
from failpoints import failpoint
from models import transactions
from models.image import StoredAt
from models.leftover import Leftover
from models.transactions import Transaction
from processing import purge
from processing.queue.base import WorkItem, WorkQueue
from storage import keys
from storage.adapters import Storages
from storage.base import Storage

DELETE_LEFTOVER = "delete_leftover"

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


async def delete(owner_id: PydanticObjectId, storage: Storage, key: str, queue: WorkQueue) -> None:
    """Deletes an object that nothing refers to; if the provider does not, a worker will, and nobody need wait for it."""
    try:
        await storage.delete(key)
    except StorageError as error:
        log.warning("not deleted at once", key=key, reason=str(error))
        stored_at = StoredAt(kind=storage.kind, key=key)
        await transactions.run(lambda transaction: remember(owner_id, [stored_at], queue, transaction))


class DeleteLeftover:
    """Deletes an object that nothing refers to any more, and all that was derived from it, wherever it lies."""

    max_attempts = purge.MAX_ATTEMPTS

    def __init__(self, storages: Storages) -> None:
        self._storages = storages

    async def run(self, item: WorkItem) -> None:
        """Deletes what is left, then forgets it."""
        leftover = await Leftover.get(item.subject_id)
        if leftover:
            storage, key = self._storages.of(leftover.stored_at.kind), leftover.stored_at.key
            for prefix in keys.derived_prefixes(key):
                async for derived in storage.list(prefix):
                    await storage.delete(derived.key)
            await storage.delete(key)
            failpoint("leftover.deleted")
            await Leftover.forget(item.subject_id)

    async def give_up(self, item: WorkItem) -> None:
        """The object is left over, and the log says which. It is forgotten: a reconciliation leaves alone what is not."""
        if leftover := await Leftover.get(item.subject_id):
            log.error("an object is left over", owner=str(item.owner_id), **leftover.stored_at.model_dump())
            await Leftover.forget(item.subject_id)


def _work(leftover: Leftover) -> WorkItem:
    return WorkItem(DELETE_LEFTOVER, PydanticObjectId(leftover.id), leftover.owner_id, id=PydanticObjectId())

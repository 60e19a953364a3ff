"""A finished batch, deleted: gone from all lists at once, and in the background from everywhere."""

from __future__ import annotations

import structlog
from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

from errors import WrongStateError
from failpoints import failpoint
from models import transactions
from models.batch import Batch
from models.batch_unit import BatchUnit
from models.departed_batch import DepartedBatch
from models.transactions import Transaction
from processing import leftovers, purge, upkeep
from processing.batches import forgetting
from processing.queue.base import WorkItem, WorkQueue

DELETE_BATCH = "delete_batch"

log = structlog.get_logger()


async def delete(
    owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue, *, with_images: bool
) -> bool:
    """Deletes the batch with its products, items and events, and with its manifest; False if it is not this owner's.

    Images that only batches use come into the gallery once no batch uses them any more, or are deleted for good
    `with_images`. Those that the owner had otherwise stay where they are.

    Raises:
        WrongStateError: Its work has not ended.
    """
    bind_contextvars(batch=str(batch_id))

    async def write(transaction: Transaction) -> bool:
        batch = await Batch.of_owner(owner_id, batch_id, transaction)
        if batch is None:
            return False
        if not batch.is_finished:
            message = f"A batch that is {batch.state} and has not come to its end cannot be deleted."
            raise WrongStateError(message, batch.state)
        await forgetting.depart(batch, transaction, with_images=with_images)
        await leftovers.remember(owner_id, [batch.manifest], queue, transaction)
        await queue.publish([_work(owner_id, batch_id)], transaction)
        await queue.publish(
            [_work(owner_id, batch_id)], transaction, delay_seconds=purge.AGAIN_AFTER_SECONDS
        )  # what was still being expanded may come in behind the first
        return True

    deleted = await transactions.run(write)
    if deleted:
        failpoint("batch.deleted")
    return deleted


class DeleteBatch:
    """Deletes what belonged to a batch that is gone."""

    max_attempts = purge.MAX_ATTEMPTS

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue

    async def run(self, item: WorkItem) -> None:
        """Deletes what is left."""
        departed = await DepartedBatch.get(item.subject_id)
        and_go = departed is not None and departed.with_images

        async def let_go(unit: BatchUnit) -> None:
            if unit.image_id:
                await upkeep.leave_batch(
                    unit.owner_id, unit.image_id, unit.batch_id, self._queue, and_go=and_go
                )

        await forgetting.rows(item.subject_id, let_go)

    async def give_up(self, item: WorkItem) -> None:
        """Something is left over, and the dead letter says of what."""
        log.error("a deleted batch is left over", owner=str(item.owner_id), batch=str(item.subject_id))


def _work(owner_id: PydanticObjectId, batch_id: PydanticObjectId) -> WorkItem:
    return WorkItem(DELETE_BATCH, batch_id, owner_id, PydanticObjectId())

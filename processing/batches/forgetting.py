"""What belongs to a batch that is gone, forgotten too, however often that is interrupted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from beanie import PydanticObjectId

from failpoints import failpoint
from models import transactions
from models.batch import Batch
from models.batch_event import BatchEvent
from models.batch_item import BatchItem
from models.batch_problems import BatchProblems
from models.batch_unit import BatchUnit
from models.departed_batch import DepartedBatch
from models.product import Product
from models.transactions import Transaction
from models.turn import Turn
from models.webhook_delivery import WebhookDelivery

PART = 100
FORGET_BATCH: Sequence[Callable[[PydanticObjectId], Awaitable[None]]] = (
    Product.forget_batch,
    BatchItem.forget_batch,
    BatchEvent.forget_batch,
    BatchProblems.forget_batch,
    WebhookDelivery.forget_batch,
)
"""What is kept of a batch beside its units, collection by collection."""


async def depart(batch: Batch, transaction: Transaction, *, with_images: bool) -> None:
    """The batch is in no list from now on, and remembered until `rows` has been done."""
    batch_id = PydanticObjectId(batch.id)
    await Batch.forget(batch_id, transaction)
    departed = DepartedBatch(id=batch_id, owner_id=batch.owner_id, with_images=with_images)
    await DepartedBatch.add(departed, transaction)


async def rows(
    batch_id: PydanticObjectId, before: Callable[[BatchUnit], Awaitable[None]] | None = None
) -> None:
    """Forgets all that belonged to the batch; each unit goes once `before` has been done to it."""
    while units := await BatchUnit.some_of_batch(batch_id, PART):
        if before:
            for unit in units:
                await before(unit)
        await BatchUnit.forget([PydanticObjectId(unit.id) for unit in units])
        failpoint("batch.forgetting")
    for forget in FORGET_BATCH:
        await forget(batch_id)
    await DepartedBatch.forget(batch_id)


async def forget_owner(owner_id: PydanticObjectId) -> None:
    """Removes the batches of an owner who is gone, and whatever is left of earlier ones; their images go otherwise."""
    while batches := await Batch.some_of_owner(owner_id, PART):
        for batch in batches:
            await transactions.run(partial(depart, batch, with_images=True))
    for batch_id in await DepartedBatch.of_owner(owner_id):
        await rows(batch_id)
    await Turn.forget_owner(owner_id)

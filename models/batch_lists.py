"""The lists that batches, products and items stand in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from models import words
from models.batch import Batch, BatchState
from models.batch_item import BatchItem, BatchItemState
from models.departed_batch import DepartedBatch
from models.listing import Listing
from models.page import Direction, Order
from models.product import Product

NEWEST_FIRST = Order("created_at", datetime, Direction.DESC)
BY_ROW = Order("row", int, Direction.ASC)
BY_RANK = Order("rank", int, Direction.DESC)
BY_POSITION = Order("position", int, Direction.ASC)


def batches(owner_id: PydanticObjectId, state: BatchState | None = None) -> Listing[Batch]:
    """An owner's batches, the newest first."""
    conditions: dict[str, Any] = {"owner_id": owner_id}
    return Listing(Batch, NEWEST_FIRST, conditions | ({"state": state} if state else {}))


async def products(
    owner_id: PydanticObjectId, search: str = "", batch_id: PydanticObjectId | None = None
) -> Listing[Product]:
    """An owner's products, those of the newest batch first, or those of one batch; in the order of their rows.

    What is still there of a batch that is deleted is not listed.
    """
    conditions: dict[str, Any] = {"owner_id": owner_id}
    departed = await DepartedBatch.of_owner(owner_id)
    if batch_id:
        conditions["batch_id"] = {"$in": []} if batch_id in departed else batch_id
    elif departed:
        conditions["batch_id"] = {"$nin": departed}
    if sought := words.sought(search):
        conditions["$and"] = [{"words": {"$regex": f"^{word}"}} for word in sought]
    return Listing(Product, BY_ROW if batch_id else BY_RANK, conditions)


def items(batch: Batch, state: BatchItemState | None = None) -> Listing[BatchItem]:
    """The items of a batch, in the order of the manifest; those alone that are in this state now."""
    mine = {"owner_id": batch.owner_id, "batch_id": batch.id}
    return Listing(BatchItem, BY_POSITION, mine | (_stored_as(state, batch) if state else {}))


def _stored_as(state: BatchItemState, batch: Batch) -> dict[str, Any]:
    """What is stored of the items that are in this state: `BatchItem.state_in` the other way round."""
    waiting = BatchItemState.CANCELLED if batch.state is BatchState.CANCELLED else BatchItemState.PENDING
    if state not in {waiting, BatchItemState.PENDING, BatchItemState.FAILED}:
        return {"state": state}
    if state is BatchItemState.FAILED:
        return {"state": state, "round": batch.round}
    if state is not waiting:
        return {"state": {"$in": []}}
    stored = {state, BatchItemState.PENDING, BatchItemState.FAILED}
    ended_in_this_round = {"state": BatchItemState.FAILED, "round": batch.round}
    return {"state": {"$in": sorted(stored)}, "$nor": [ended_in_this_round]}

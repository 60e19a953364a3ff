"""The items of a batch: one for each image address of each row, in the order of the manifest.

What a document says is how its item stood when it was last written. Two changes of a whole batch are not written into
its items, of which there may be 100,000, but follow from the batch: once it is tried again, an item that FAILED in an
earlier round is PENDING; once it is cancelled, an item that would be PENDING is CANCELLED. `state_in` says what an item
is, `models/batch_lists.py` finds the items that are so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing
from models.batch import Batch, BatchState
from models.values import Failure


class BatchItemState(StrEnum):
    """How far an item is. RUNNING is what a worker has been given."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class BatchItem(Document):
    """One image of a product: number `position` of its batch, `index` of its row, both from 0.

    `unit_id` is the work that it waits for, together with all items of the batch that have the same address.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    product_id: PydanticObjectId
    unit_id: PydanticObjectId
    position: int
    index: int
    source_url: str
    state: BatchItemState = BatchItemState.PENDING
    round: int = 1
    attempt_count: int = 0
    image_id: PydanticObjectId | None = None
    failure: Failure | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    kept_original: bool = False
    ended_at: datetime | None = None

    class Settings:
        name = "batch_items"
        indexes: ClassVar = [
            IndexModel([("batch_id", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),
            IndexModel(
                [("batch_id", ASCENDING), ("state", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]
            ),
            IndexModel([("unit_id", ASCENDING)]),
        ]

    def state_in(self, batch: Batch) -> BatchItemState:
        """What it is, now that the batch is as it is."""
        waits_again = self.state is BatchItemState.FAILED and self.round < batch.round
        if self.state is not BatchItemState.PENDING and not waits_again:
            return self.state
        is_cancelled = batch.state is BatchState.CANCELLED
        return BatchItemState.CANCELLED if is_cancelled else BatchItemState.PENDING

    def as_in(self, batch: Batch) -> BatchItem:
        """The item with the state that it has now that the batch is as it is; with a failure only if it FAILED."""
        state = self.state_in(batch)
        failure = self.failure if state is BatchItemState.FAILED else None
        shown: BatchItem = self.model_copy(update={"state": state, "failure": failure})
        return shown

    @classmethod
    async def add(cls, items: Sequence[BatchItem], transaction: AsyncClientSession | None = None) -> None:
        """Remembers new items. Without a transaction, one that is known already stays as it is."""
        await writing.add(items, transaction)

    @classmethod
    async def of_units(
        cls, unit_ids: Iterable[PydanticObjectId], transaction: AsyncClientSession
    ) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        """The ids of the units' running items, in the order of the manifest."""
        found = cls.get_pymongo_collection().find(
            {"unit_id": {"$in": list(unit_ids)}, "state": BatchItemState.RUNNING},
            {"unit_id": 1},
            sort=[("position", ASCENDING)],
            session=transaction,
        )
        items: dict[PydanticObjectId, list[PydanticObjectId]] = {}
        async for item in found:
            items.setdefault(item["unit_id"], []).append(item["_id"])
        return items

    @classmethod
    async def change_units(
        cls, changes: Mapping[PydanticObjectId, dict[str, Any]], transaction: AsyncClientSession
    ) -> None:
        """Sets the fields of all running items of each unit."""
        running = {"state": BatchItemState.RUNNING}
        await writing.update(
            cls,
            [({"unit_id": unit_id, **running}, fields) for unit_id, fields in changes.items()],
            transaction,
        )

    @classmethod
    async def hand_out(
        cls, unit_ids: Iterable[PydanticObjectId], batch_round: int, transaction: AsyncClientSession
    ) -> int:
        """The items of the units are RUNNING from now on. How many there are."""
        handed_out = await cls.get_pymongo_collection().update_many(
            {"unit_id": {"$in": list(unit_ids)}},
            {"$set": {"state": BatchItemState.RUNNING, "round": batch_round}},
            session=transaction,
        )
        return handed_out.matched_count

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes all items of a batch that is gone."""
        await cls.get_pymongo_collection().delete_many({"batch_id": batch_id})

"""The log of a batch: what a subscriber sees, number by number.

A sequence is taken by `$inc` on the batch in the transaction that writes the event: the order of sequences is the order
of commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing
from models.batch import BatchState, Counts
from models.event import KEPT_AFTER_END


class BatchEvent(Document):
    """Change number `sequence`, from 1: the item `item_id` has ended, or the batch as a whole has changed.

    `is_last` says that the work ends with it, as far as it was known then.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    sequence: int
    state: BatchState
    counts: Counts
    eta_seconds: int | None
    item_id: PydanticObjectId | None = None
    is_last: bool = False
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    expires_at: datetime | None = None

    class Settings:
        name = "batch_events"
        indexes: ClassVar = [
            IndexModel([("batch_id", ASCENDING), ("sequence", ASCENDING)], unique=True),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]

    @classmethod
    async def record(cls, events: Sequence[BatchEvent], transaction: AsyncClientSession) -> None:
        """Appends to the logs of the events' batches."""
        await writing.insert(events, transaction)

    @classmethod
    async def after(cls, batch_id: PydanticObjectId, sequence: int, most: int) -> list[BatchEvent]:
        """The batch's events behind `sequence`, in order, `most` of them at the most."""
        behind = {"batch_id": batch_id, "sequence": {"$gt": sequence}}
        return await cls.find(behind, sort="sequence", limit=most).to_list()

    @classmethod
    async def keep(cls, batch_id: PydanticObjectId, finished_at: datetime | None) -> None:
        """The log of a batch whose work has ended is kept for another KEPT_AFTER_END, that of others until then.

        A log of 100,000 events is too long for a transaction: whoever ends a batch or opens it again sees to it that
        this is repeated until it has been done (`processing/batches/conclude.py`).
        """
        expires_at = finished_at + KEPT_AFTER_END if finished_at else None
        await cls.get_pymongo_collection().update_many(
            {"batch_id": batch_id, "expires_at": {"$ne": expires_at}}, {"$set": {"expires_at": expires_at}}
        )

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes the log of a batch that is gone."""
        await cls.get_pymongo_collection().delete_many({"batch_id": batch_id})

"""Batches: a manifest, how its images are to be compressed, and how far that is.

A batch is one document, which its workers write to in groups (`processing/batches/outcomes.py`). Whatever changes what
a client sees of it as a whole takes a sequence and writes an event (`models/batch_event.py`) in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing
from models.image import StoredAt
from models.values import Compression, MetadataPolicy


class BatchState(StrEnum):
    """Where a batch stands as a whole."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Counts(BaseModel):
    """How many items are in which state; the five add up to `total` at any moment."""

    total: int
    pending: int
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def ended(self) -> int:
        """Those of which nothing more is to come."""
        return self.succeeded + self.failed + self.cancelled

    @property
    def progress(self) -> float:
        """How much has ended, 0.0 to 1.0."""
        return self.ended / self.total


class Webhook(BaseModel):
    """Who is told of the end; `secret` is Standard Webhooks' and never shown."""

    url: str
    secret: str


class Pace(BaseModel):
    """What the time that is left is estimated from: how many items of this round ended in how much time of work.

    `since` is when work went on; None while it rests. `seconds` are those of the round before that.
    """

    since: datetime | None = None
    seconds: float = 0.0
    ended_before: int = 0


class Batch(Document):
    """A manifest of its owner's. `sequence` is the number of its last event, `round` counts from 1 and grows by a retry.

    `expanded_rows` and `expanded_items` say how far the manifest has become products and items. Items that are not
    there yet are counted as pending, or as cancelled once the batch is. `turn` grows whenever the batch is given work,
    so that among its owner's batches the smallest has waited longest (`models/turn.py`).
    """

    owner_id: PydanticObjectId
    state: BatchState = BatchState.QUEUED
    manifest_name: str
    manifest: StoredAt
    manifest_headings: list[str] = []
    skips_invalid_rows: bool = False
    compression: Compression
    metadata_policy: MetadataPolicy = MetadataPolicy.STRIP_ALL
    counts: Counts
    bytes_in: int = 0
    bytes_out: int = 0
    sequence: int = 0
    round: int = 1
    turn: int = 0
    pace: Pace = Pace()
    expanded_rows: int = 0
    expanded_items: int = 0
    is_expanded: bool = False
    problem_count: int = 0
    webhook: Webhook | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    class Settings:
        name = "batches"
        indexes: ClassVar = [
            IndexModel([("owner_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [
                    ("owner_id", ASCENDING),
                    ("state", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel(
                [("state", ASCENDING), ("owner_id", ASCENDING), ("turn", ASCENDING), ("_id", ASCENDING)],
                name="working",
                partialFilterExpression={"counts.pending": {"$gt": 0}},
            ),
        ]

    @property
    def is_finished(self) -> bool:
        """Whether no more events come, unless it is tried again."""
        return self.finished_at is not None

    @classmethod
    async def add(cls, batch: Batch, transaction: AsyncClientSession) -> None:
        """Remembers a new batch."""
        await writing.insert([batch], transaction)

    @classmethod
    async def of_owner(
        cls,
        owner_id: PydanticObjectId,
        batch_id: PydanticObjectId,
        transaction: AsyncClientSession | None = None,
    ) -> Batch | None:
        """The batch, if it is this owner's."""
        batch: Batch | None = await cls.find_one({"_id": batch_id, "owner_id": owner_id}, session=transaction)
        return batch

    @classmethod
    async def all_by_id(
        cls, batch_ids: Iterable[PydanticObjectId], transaction: AsyncClientSession | None = None
    ) -> dict[PydanticObjectId, Batch]:
        """Those of the batches that there are."""
        found = cls.get_pymongo_collection().find({"_id": {"$in": list(batch_ids)}}, session=transaction)
        batches = [cls.model_validate(batch) async for batch in found]
        return {PydanticObjectId(batch.id): batch for batch in batches}

    @classmethod
    async def write(
        cls, batches: Iterable[Batch], fields: Collection[str], transaction: AsyncClientSession
    ) -> None:
        """Writes these fields of the batches, as they are."""
        changes = [({"_id": batch.id}, batch.model_dump(include=set(fields))) for batch in batches]
        await writing.update(cls, changes, transaction)

    @classmethod
    async def change(
        cls,
        batch_id: PydanticObjectId,
        update: Mapping[str, Any],
        transaction: AsyncClientSession,
        **only_if: object,
    ) -> Batch | None:
        """Runs a MongoDB update on the batch if its fields are as `only_if` says; None, and no effect, if they are not.

        Returns:
            The batch behind it.
        """
        changed = await cls.get_pymongo_collection().find_one_and_update(
            {"_id": batch_id, **only_if}, update, return_document=ReturnDocument.AFTER, session=transaction
        )
        return cls.model_validate(changed) if changed else None

    @classmethod
    async def in_turn(
        cls, owner_id: PydanticObjectId, most: int, transaction: AsyncClientSession
    ) -> list[Batch]:
        """The owner's batches with items that may be taken up, `most` of them; those that have waited longest first."""
        found = cls.get_pymongo_collection().find(
            {**WORKING, "owner_id": owner_id}, sort=IN_TURN, limit=most, session=transaction
        )
        return [cls.model_validate(batch) async for batch in found]

    @classmethod
    async def owners_with_work(cls) -> list[PydanticObjectId]:
        """The owners of batches with items that may be taken up."""
        return await cls.get_pymongo_collection().distinct("owner_id", WORKING)

    @classmethod
    async def some_of_owner(cls, owner_id: PydanticObjectId, most: int) -> list[Batch]:
        """Some of the owner's batches."""
        found: list[Batch] = await cls.find({"owner_id": owner_id}, limit=most).to_list()
        return found

    @classmethod
    async def forget(cls, batch_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """Deletes the document; what belongs to the batch follows (`models/departed_batch.py`)."""
        await cls.get_pymongo_collection().delete_one({"_id": batch_id}, session=transaction)


WORKING: dict[str, Any] = {"state": BatchState.RUNNING, "counts.pending": {"$gt": 0}}
IN_TURN = [("turn", ASCENDING), ("_id", ASCENDING)]


def now() -> datetime:
    """The moment that a batch remembers of a change."""
    return datetime.now(UTC)

"""What is still to be done: the outbox and the leases. MongoDB is the truth; a queue only wakes workers.

One date rules an item: from `ready_at` on it may be taken. Taking it moves the date to the end of the lease, so an
item whose worker died comes back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from beanie import Document, PydanticObjectId, SortDirection
from pydantic import Field
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession


class Work(Document):
    """One thing to do about `subject_id`; gone when done."""

    kind: str
    subject_id: PydanticObjectId
    owner_id: PydanticObjectId
    attempt_count: int = 0
    ready_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    lease: str | None = None

    class Settings:
        name = "work"
        indexes: ClassVar = [IndexModel([("ready_at", ASCENDING)])]

    @classmethod
    async def add(cls, items: Sequence[Work], transaction: AsyncClientSession | None) -> None:
        """Remembers what is to be done; an item already known stays as it is."""
        for item in items:
            fields = item.model_dump(exclude={"id", "revision_id"})
            await cls.get_pymongo_collection().update_one(
                {"_id": item.id}, {"$setOnInsert": fields}, upsert=True, session=transaction
            )

    @classmethod
    async def take(cls, lease: str, lease_seconds: float) -> Work | None:
        """Leases the item that has waited longest, if one is ready."""
        now = datetime.now(UTC)
        taken = await cls.get_pymongo_collection().find_one_and_update(
            {"ready_at": {"$lte": now}},
            {
                "$set": {"lease": lease, "ready_at": now + timedelta(seconds=lease_seconds)},
                "$inc": {"attempt_count": 1},
            },
            sort=[("ready_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return cls.model_validate(taken) if taken else None

    @classmethod
    async def release(cls, work_id: PydanticObjectId, lease: str, delay_seconds: float) -> bool:
        """Moves the date to `delay_seconds` from now, for its leaseholder only; False if the lease was lost."""
        ready_at = datetime.now(UTC) + timedelta(seconds=delay_seconds)
        result = await cls.get_pymongo_collection().update_one(
            {"_id": work_id, "lease": lease}, {"$set": {"ready_at": ready_at}}
        )
        return bool(result.matched_count)

    @classmethod
    async def finish(cls, work_id: PydanticObjectId, lease: str) -> bool:
        """Forgets the item, for its leaseholder only; False if the lease was lost."""
        result = await cls.get_pymongo_collection().delete_one({"_id": work_id, "lease": lease})
        return bool(result.deleted_count)

    @classmethod
    async def next_ready_at(cls) -> datetime | None:
        """When the next item may be taken; None if nothing is to be done."""
        first = await cls.find_one({}, sort=[("ready_at", SortDirection.ASCENDING)])
        return first.ready_at if first else None


class DeadLetter(Document):
    """An item that no attempt could finish, kept for people to look at."""

    kind: str
    subject_id: PydanticObjectId
    owner_id: PydanticObjectId
    attempt_count: int
    reason: str
    died_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    class Settings:
        name = "dead_letters"

    @classmethod
    async def keep(cls, letter: DeadLetter) -> None:
        """Keeps the letter; a repeat changes nothing."""
        fields = letter.model_dump(exclude={"id", "revision_id"})
        await cls.get_pymongo_collection().update_one(
            {"_id": letter.id}, {"$setOnInsert": fields}, upsert=True
        )

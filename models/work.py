"""What is still to be done: the outbox and the leases. MongoDB is the truth; a queue only wakes workers.

One date rules an item: from `ready_at` on it may be taken. Taking it moves the date to the end of the lease, so an
item whose worker died comes back by itself. All dates are MongoDB's own: no two machines' clocks need agree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing

NOW = "$$NOW"
IS_READY = {"$expr": {"$lte": ["$ready_at", NOW]}}


class Topic(StrEnum):
    """What waits in line together: no line waits for another."""

    UPLOADS = "uploads"
    BATCHES = "batches"
    LATER = "later"


@dataclass(frozen=True)
class InLine:
    """An item that may be taken at `ready_at`, which is `left_seconds` from now; 0 or less if it may be now."""

    id: PydanticObjectId
    ready_at: datetime
    left_seconds: float


class Work(Document):
    """One thing to do about `subject_id`; gone when done. MongoDB sets `ready_at` when it is added.

    `trace` says on whose behalf, if anybody follows that.
    """

    topic: Topic = Topic.UPLOADS
    kind: str
    subject_id: PydanticObjectId
    owner_id: PydanticObjectId
    attempt_count: int = 0
    ready_at: datetime | None = None
    lease: str | None = None
    trace: str | None = None

    class Settings:
        name = "work"
        indexes: ClassVar = [IndexModel([("topic", ASCENDING), ("ready_at", ASCENDING)])]

    @classmethod
    async def add(
        cls, items: Sequence[Work], transaction: AsyncClientSession | None, delay_seconds: float = 0
    ) -> None:
        """Remembers what is to be done in `delay_seconds`; an item already known stays as it is."""
        updates = {item.id: [{"$set": _unless_known(item, delay_seconds)}] for item in items}
        if transaction:
            await writing.upsert(cls, updates, transaction)
            return
        for work_id, update in updates.items():
            await cls.get_pymongo_collection().update_one({"_id": work_id}, update, upsert=True)

    @classmethod
    async def give_topics(cls) -> None:
        """Puts what was written before there were topics into the line that it stood in."""
        await cls.get_pymongo_collection().update_many(
            {"topic": {"$exists": False}}, {"$set": {"topic": Topic.UPLOADS}}
        )

    @classmethod
    async def take(cls, topic: Topic, lease: str, lease_seconds: float) -> Work | None:
        """Leases the item of the topic that has waited longest, if one is ready."""
        return await cls._lease({"topic": topic}, lease, lease_seconds)

    @classmethod
    async def take_this(
        cls, work_id: PydanticObjectId, topic: Topic, lease: str, lease_seconds: float
    ) -> Work | None:
        """Leases this one item of the topic, if it is there and ready."""
        return await cls._lease({"_id": work_id, "topic": topic}, lease, lease_seconds)

    @classmethod
    async def release(cls, work_id: PydanticObjectId, lease: str, delay_seconds: float) -> bool:
        """Moves the date to `delay_seconds` from now, for its leaseholder only; False if the lease was lost."""
        return await cls._change(work_id, lease, {"ready_at": from_now(delay_seconds)})

    @classmethod
    async def hand_back(cls, work_id: PydanticObjectId, lease: str) -> bool:
        """Undoes `take`, for the leaseholder only; False if the lease was lost."""
        attempts = {"$subtract": ["$attempt_count", 1]}
        return await cls._change(work_id, lease, {"ready_at": NOW, "lease": None, "attempt_count": attempts})

    @classmethod
    async def finish(cls, work_id: PydanticObjectId, lease: str) -> bool:
        """Forgets the item, for its leaseholder only; False if the lease was lost."""
        result = await cls.get_pymongo_collection().delete_one({"_id": work_id, "lease": lease})
        return bool(result.deleted_count)

    @classmethod
    async def is_waiting_beside(
        cls, work_id: PydanticObjectId, subject_id: PydanticObjectId, kind: str
    ) -> bool:
        """Whether there is other work of this kind about the subject."""
        other = {"_id": {"$ne": work_id}, "subject_id": subject_id, "kind": kind}
        return await cls.get_pymongo_collection().find_one(other, {"_id": 1}) is not None

    @classmethod
    async def known(cls, work_ids: Sequence[PydanticObjectId]) -> set[PydanticObjectId]:
        """Those of the items that are still to be done."""
        found = cls.get_pymongo_collection().find({"_id": {"$in": work_ids}}, {"_id": 1})
        return {work["_id"] async for work in found}

    @classmethod
    async def seconds_until_next(cls, topic: Topic) -> float | None:
        """How long until an item of the topic may be taken, 0 or less if one may be now; None if there is none."""
        first: list[dict[str, Any]] = [
            {"$match": {"topic": topic}},
            {"$sort": {"ready_at": ASCENDING}},
            {"$limit": 1},
            {"$project": {"left_ms": {"$subtract": ["$ready_at", NOW]}}},
        ]
        async for found in await cls.get_pymongo_collection().aggregate(first):
            return float(found["left_ms"]) / 1000
        return None

    @classmethod
    async def next_in_line(cls, topic: Topic, most: int) -> list[InLine]:
        """The items of the topic that may be taken first, and when, in that order."""
        found: list[dict[str, Any]] = [
            {"$match": {"topic": topic}},
            {"$sort": {"ready_at": ASCENDING}},
            {"$limit": most},
            {"$project": {"ready_at": 1, "left_ms": {"$subtract": ["$ready_at", NOW]}}},
        ]
        return [
            InLine(item["_id"], item["ready_at"], float(item["left_ms"]) / 1000)
            async for item in await cls.get_pymongo_collection().aggregate(found)
        ]

    @classmethod
    async def ready_among(cls, work_ids: Collection[PydanticObjectId], topic: Topic) -> set[PydanticObjectId]:
        """Which of these items of the topic are there and ready."""
        ready = {"_id": {"$in": list(work_ids)}, "topic": topic, **IS_READY}
        return {item["_id"] async for item in cls.get_pymongo_collection().find(ready, {"_id": 1})}

    @classmethod
    async def _lease(cls, wanted: dict[str, Any], lease: str, lease_seconds: float) -> Work | None:
        taken = await cls.get_pymongo_collection().find_one_and_update(
            {**wanted, **IS_READY},
            [
                {
                    "$set": {
                        "lease": lease,
                        "ready_at": from_now(lease_seconds),
                        "attempt_count": {"$add": ["$attempt_count", 1]},
                    }
                }
            ],
            sort=[("ready_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return cls.model_validate(taken) if taken else None

    @classmethod
    async def _change(cls, work_id: PydanticObjectId, lease: str, fields: dict[str, Any]) -> bool:
        result = await cls.get_pymongo_collection().update_one(
            {"_id": work_id, "lease": lease}, [{"$set": fields}]
        )
        return bool(result.matched_count)


def _unless_known(item: Work, delay_seconds: float) -> dict[str, Any]:
    fields = item.model_dump(exclude={"id", "revision_id", "ready_at"})
    known = {name: {"$ifNull": [f"${name}", {"$literal": value}]} for name, value in fields.items()}
    return {**known, "ready_at": {"$ifNull": ["$ready_at", from_now(delay_seconds)]}}


def from_now(seconds: float) -> dict[str, Any]:
    """The moment `seconds` from now, or ago when negative, by MongoDB's clock."""
    return {"$add": [NOW, round(seconds * 1000)]}


class DeadLetter(Document):
    """An item that no attempt could finish, kept for people to look at."""

    topic: Topic = Topic.UPLOADS
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

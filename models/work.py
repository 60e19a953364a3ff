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
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from models import writing

NOW = "$$NOW"
IS_READY = {"$expr": {"$lte": ["$ready_at", NOW]}}
_LEFT_MS: dict[str, Any] = {"$set": {"left_ms": {"$subtract": ["$ready_at", NOW]}}}
_DATES_ALONE: dict[str, Any] = {"$project": {"ready_at": 1, **_LEFT_MS["$set"]}}


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
    async def first_in_line(cls, topic: Topic, most: int) -> tuple[list[Work], float | None]:
        """The items of the topic that may be taken now, `most` of them; those that have waited longest first.

        Returns:
            If there are none, also how many seconds are left until there is one, if any is known.
        """
        rows = await cls.get_pymongo_collection().aggregate(_line(topic, most, _LEFT_MS))
        line = [(cls.model_validate(row), row["left_ms"] / 1000) async for row in rows]
        ready = [work for work, left_seconds in line if left_seconds <= 0]
        return ready, None if ready or not line else line[0][1]

    @classmethod
    async def ready_among(cls, work_ids: Collection[PydanticObjectId], topic: Topic) -> set[PydanticObjectId]:
        """Which of these items of the topic are there and ready."""
        ready = {"_id": {"$in": list(work_ids)}, "topic": topic, **IS_READY}
        return {item["_id"] async for item in cls.get_pymongo_collection().find(ready, {"_id": 1})}

    @classmethod
    async def ready_ones(cls, work_ids: Collection[PydanticObjectId], topic: Topic) -> list[Work]:
        """Those of these items of the topic that are there and may be taken now."""
        ready = {"_id": {"$in": list(work_ids)}, "topic": topic, **IS_READY}
        return [cls.model_validate(item) async for item in cls.get_pymongo_collection().find(ready)]

    @classmethod
    async def take(cls, seen: Sequence[Work], lease: str, lease_seconds: float) -> list[Work]:
        """Leases those of the items that nobody has taken since they were seen.

        A date is moved whenever anything happens to an item, so an item with the date that was seen is as it was.
        """
        wanted = {
            "_id": {"$in": [work.id for work in seen]},
            "ready_at": {"$in": [work.ready_at for work in seen]},
        }
        taken = {
            "lease": lease,
            "ready_at": from_now(lease_seconds),
            "attempt_count": {"$add": ["$attempt_count", 1]},
        }
        result = await cls._losable().update_many(wanted, [{"$set": taken}])
        if result.modified_count == len(seen):
            return [work.model_copy(update={"attempt_count": work.attempt_count + 1}) for work in seen]
        if not result.modified_count:
            return []
        ours = cls.get_pymongo_collection().find({"_id": wanted["_id"], "lease": lease})
        return [cls.model_validate(item) async for item in ours]

    @classmethod
    async def extend(cls, held: Sequence[tuple[PydanticObjectId, str]], lease_seconds: float) -> int:
        """Lets the leases of these items begin anew, unless they were lost. How many were not."""
        result = await cls._losable().update_many(
            _held(held), [{"$set": {"ready_at": from_now(lease_seconds)}}]
        )
        return result.matched_count

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
    async def finish(cls, held: Sequence[tuple[PydanticObjectId, str]]) -> list[bool]:
        """Forgets these items, each for its leaseholder only; False for those whose lease was lost."""
        result = await cls.get_pymongo_collection().delete_many(_held(held))
        if result.deleted_count in (0, len(held)):
            return [bool(result.deleted_count)] * len(held)
        left = await cls.known([work_id for work_id, _ in held])
        return [work_id not in left for work_id, _ in held]

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
    async def next_in_line(cls, topic: Topic, most: int) -> list[InLine]:
        """The items of the topic that may be taken first, and when, in that order."""
        rows = await cls.get_pymongo_collection().aggregate(_line(topic, most, _DATES_ALONE))
        return [InLine(row["_id"], row["ready_at"], row["left_ms"] / 1000) async for row in rows]

    @classmethod
    def _losable(cls) -> AsyncCollection[dict[str, Any]]:
        """For leases, which need not outlive their server: an item whose lease is lost comes again."""
        return cls.get_pymongo_collection().with_options(write_concern=WriteConcern(1))

    @classmethod
    async def _change(cls, work_id: PydanticObjectId, lease: str, fields: dict[str, Any]) -> bool:
        result = await cls.get_pymongo_collection().update_one(
            {"_id": work_id, "lease": lease}, [{"$set": fields}]
        )
        return bool(result.matched_count)


def _line(topic: Topic, most: int, last_stage: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"$match": {"topic": topic}}, {"$sort": {"ready_at": ASCENDING}}, {"$limit": most}, last_stage]


def _held(items: Sequence[tuple[PydanticObjectId, str]]) -> dict[str, Any]:
    return {"$or": [{"_id": work_id, "lease": lease} for work_id, lease in items]}


def _unless_known(item: Work, delay_seconds: float) -> dict[str, Any]:
    known = {
        name: {"$ifNull": [f"${name}", {"$literal": value}]} for name, value in writing.fields(item).items()
    }
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

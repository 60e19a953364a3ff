"""Which workers there are, and how much they do at once. All dates are MongoDB's own."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel

from models.work import NOW, from_now


class WorkerPresence(Document):
    """A worker that works on `lanes` units of batches at a time, and is there until `until`, if not longer."""

    lanes: int
    until: datetime

    class Settings:
        name = "worker_presences"
        indexes: ClassVar = [IndexModel([("until", ASCENDING)], expireAfterSeconds=0)]

    @classmethod
    async def beat(cls, worker_id: PydanticObjectId, lanes: int, ttl_seconds: float) -> None:
        """The worker is there for another `ttl_seconds`."""
        await cls.get_pymongo_collection().update_one(
            {"_id": worker_id}, [{"$set": {"lanes": lanes, "until": from_now(ttl_seconds)}}], upsert=True
        )

    @classmethod
    async def leave(cls, worker_id: PydanticObjectId) -> None:
        """The worker takes up nothing more."""
        await cls.get_pymongo_collection().delete_one({"_id": worker_id})

    @classmethod
    async def lanes_of_all(cls) -> int:
        """How many units all workers work on at a time."""
        rows = await cls.get_pymongo_collection().aggregate(
            [
                {"$match": {"$expr": {"$gt": ["$until", NOW]}}},
                {"$group": {"_id": None, "lanes": {"$sum": "$lanes"}}},
            ]
        )
        async for row in rows:
            return int(row["lanes"])
        return 0

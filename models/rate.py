"""How often something was done lately: counters that all processes share. All dates are MongoDB's own."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel, ReturnDocument

from errors import RateLimitedError
from models.work import NOW


@dataclass(frozen=True)
class Limit:
    """At most `times` in `window_seconds`, for each subject by itself. Its name stands in the counters' ids."""

    name: str
    times: int
    window_seconds: int


class Rate(Document):
    """How often a subject did what a limit bounds, in the window that began with the first time.

    The subject is kept as a hash: no address can be read from a counter.
    """

    id: str  # type: ignore[assignment]  # Beanie takes any type
    times: int
    ends_at: datetime
    counted_at: datetime
    admitted: bool

    class Settings:
        name = "rates"
        indexes: ClassVar = [IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0)]

    @classmethod
    async def count_one(cls, limit: Limit, subject: str) -> Rate:
        """Counts once more.

        Raises:
            RateLimitedError: As of `count_up`.
        """
        return await cls.count_up(limit, subject, 1)

    @classmethod
    async def count_up(cls, limit: Limit, subject: str, times: int) -> Rate:
        """Counts so many times more, at once.

        Raises:
            RateLimitedError: It would be too often; nothing was counted. Of many at once, no more than the limit
                allows are counted.
        """
        counted = await cls.get_pymongo_collection().find_one_and_update(
            {"_id": _counter_id(limit, subject)},
            _more(limit, times),
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        rate: Rate = cls.model_validate(counted)
        if not rate.admitted:
            left_seconds = (rate.ends_at - rate.counted_at).total_seconds()
            raise RateLimitedError(max(1, math.ceil(left_seconds)))
        return rate

    @classmethod
    async def take_back(cls, rate: Rate, times: int = 1) -> None:
        """Undoes a count of so many times, unless its window is over."""
        await cls.get_pymongo_collection().update_one(
            {"_id": rate.id, "ends_at": rate.ends_at, "times": {"$gte": times}}, {"$inc": {"times": -times}}
        )

    @classmethod
    async def reset(cls, rate: Rate) -> None:
        """Forgets whatever was counted."""
        await cls.get_pymongo_collection().delete_one({"_id": rate.id})


def _counter_id(limit: Limit, subject: str) -> str:
    return f"{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()}"


def _more(limit: Limit, times: int) -> list[dict[str, Any]]:
    runs = {"$gt": ["$ends_at", NOW]}  # false of a counter that is new
    new_end = {"$add": [NOW, limit.window_seconds * 1000]}
    return [
        {
            "$set": {
                "times": {"$cond": [runs, "$times", 0]},
                "ends_at": {"$cond": [runs, "$ends_at", new_end]},
                "counted_at": NOW,
            }
        },
        {"$set": {"admitted": {"$lte": [{"$add": ["$times", times]}, limit.times]}}},
        {"$set": {"times": {"$add": ["$times", {"$cond": ["$admitted", times, 0]}]}}},
    ]

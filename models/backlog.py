"""How much is still to be done, for those who watch over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.work import IS_READY, NOW, DeadLetter, Topic, Work

IN_ANY_LINE = {"topic": {"$in": list(Topic)}}
IS_LATER: dict[str, Any] = {"$expr": {"$gt": ["$ready_at", NOW]}}


@dataclass(frozen=True)
class Backlog:
    """Work items at one moment.

    Attributes:
        ready: Waiting for a worker.
        later: Leased by a worker, or put off until their next attempt.
        dead_letters: Given up.
        oldest_ready_seconds: How long the one has waited that has waited longest; 0 if none waits.
    """

    ready: int
    later: int
    dead_letters: int
    oldest_ready_seconds: float

    @classmethod
    async def read(cls, within_ms: int) -> Backlog:
        """The backlog now; MongoDB takes `within_ms` at most for each of three queries."""
        ready = await _counted(IS_READY, within_ms)
        later = await _counted(IS_LATER, within_ms)
        dead_letters = await DeadLetter.get_pymongo_collection().count_documents({}, maxTimeMS=within_ms)
        return cls(
            ready.get("count", 0), later.get("count", 0), dead_letters, ready.get("oldest_ms", 0.0) / 1_000
        )


def counting(which: dict[str, Any]) -> list[dict[str, Any]]:
    """The pipeline that counts the work items for which this is true."""
    return [
        {"$match": {**IN_ANY_LINE, **which}},
        {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$ready_at"}}},
        {"$project": {"count": 1, "oldest_ms": {"$subtract": [NOW, "$oldest"]}}},
    ]


async def _counted(which: dict[str, Any], within_ms: int) -> dict[str, Any]:
    found = await Work.get_pymongo_collection().aggregate(counting(which), maxTimeMS=within_ms)
    counted: dict[str, Any] = await anext(found, {})
    return counted

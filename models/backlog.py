"""How much is still to be done, for those who watch over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.work import IS_READY, NOW, DeadLetter, Topic, Work

IN_ANY_LINE = {"topic": {"$in": list(Topic)}}
IS_LATER: dict[str, Any] = {"$expr": {"$gt": ["$ready_at", NOW]}}


@dataclass(frozen=True)
class Line:
    """The work items of one topic at one moment.

    Attributes:
        ready: Waiting for a worker.
        later: Leased by a worker, or put off until their next attempt.
        oldest_ready_seconds: How long the one has waited that has waited longest; 0 if none waits.
    """

    ready: int = 0
    later: int = 0
    oldest_ready_seconds: float = 0.0


@dataclass(frozen=True)
class Backlog:
    """Work items at one moment.

    Attributes:
        lines: Those that are still to be done, by their topic; no topic is missing.
        dead_letters: Given up.
    """

    lines: Mapping[Topic, Line]
    dead_letters: int

    @classmethod
    async def read(cls, within_ms: int) -> Backlog:
        """The backlog now; MongoDB takes `within_ms` at most for each of three queries."""
        ready = await _counted(IS_READY, within_ms)
        later = await _counted(IS_LATER, within_ms)
        dead_letters = await DeadLetter.get_pymongo_collection().count_documents({}, maxTimeMS=within_ms)
        return cls(
            {topic: _line(ready.get(topic, {}), later.get(topic, {})) for topic in Topic}, dead_letters
        )


def counting(which: dict[str, Any]) -> list[dict[str, Any]]:
    """The pipeline that counts the work items for which this is true, by their topic."""
    return [
        {"$match": {**IN_ANY_LINE, **which}},
        {"$group": {"_id": "$topic", "count": {"$sum": 1}, "oldest": {"$min": "$ready_at"}}},
        {"$project": {"count": 1, "oldest_ms": {"$subtract": [NOW, "$oldest"]}}},
    ]


async def _counted(which: dict[str, Any], within_ms: int) -> dict[str, dict[str, Any]]:
    found = await Work.get_pymongo_collection().aggregate(counting(which), maxTimeMS=within_ms)
    return {counted["_id"]: counted async for counted in found}


def _line(ready: dict[str, Any], later: dict[str, Any]) -> Line:
    return Line(ready.get("count", 0), later.get("count", 0), ready.get("oldest_ms", 0.0) / 1_000)

"""Work that comes more often than it should, or sooner: what any queue may do to its workers."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import Any

from beanie import PydanticObjectId
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from processing.queue.kafka.messages import Announcement
from tests.faults.batches.machines import DATABASE
from tests.faults.hasty import LEASE_SECONDS
from tests.kafka import raw
from tests.kafka.broker import Broker

LOOK_SECONDS = 0.1
MOST_AGAIN = 20
LONGER_THAN_A_LEASE_MS = 1_000 * (LEASE_SECONDS + 1)
NOW = [{"$set": {"ready_at": "$$NOW"}}]


class Deliveries:
    """Remembers all work that it has ever seen."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], seed: int) -> None:
        self.database: AsyncDatabase[dict[str, Any]] = client[DATABASE]
        self._random = random.Random(seed)
        self._seen: dict[Any, dict[str, Any]] = {}

    async def look_on(self) -> None:
        """For ever."""
        while True:
            with suppress(PyMongoError):
                self._seen |= {work["_id"]: work async for work in self.database["work"].find({})}
            await asyncio.sleep(LOOK_SECONDS)

    async def again(self) -> None:
        """Some of the work that was done comes once more."""
        for work in self._some():
            with suppress(DuplicateKeyError):
                fresh = {**work, "attempt_count": 0, "lease": None}
                await self.database["work"].insert_one(fresh)
        await self.database["work"].update_many({"lease": None, "attempt_count": 0}, NOW)

    async def at_once(self) -> None:
        """What somebody has in hand is given to somebody else, too."""
        await self.database["work"].update_many({"lease": {"$ne": None}}, NOW)

    async def announce_again(self, kafka: Broker) -> None:
        """Old messages come once more."""
        for work in self._some():
            message = Announcement(PydanticObjectId(work["_id"]), work["topic"], 0).encoded()
            await raw.send(kafka, f"{DATABASE}.{work['topic']}", message, message)

    async def hasten(self) -> None:
        """Nobody waits for anything but a lease that may be a living worker's."""
        left = {"$subtract": ["$ready_at", "$$NOW"]}
        late = {"$expr": {"$gt": [left, LONGER_THAN_A_LEASE_MS]}}
        await self.database["work"].update_many({"$or": [{"lease": None}, late]}, NOW)

    def _some(self) -> list[dict[str, Any]]:
        return self._random.sample(list(self._seen.values()), min(MOST_AGAIN, len(self._seen)))

"""A queue in this process's memory: for tests, held to the same contract as the real adapters."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from models.transactions import Transaction
from models.work import Topic
from processing.queue.base import LeasedItem, WorkItem

POLL_SECONDS = 0.01


@dataclass
class _Entry:
    item: WorkItem
    ready_at: float
    attempt: int = 0
    lease: str | None = None


class MemoryQueue:
    """Keeps everything in a dict; gone with the process. A transaction given to it has no effect."""

    kind = "memory"

    def __init__(self, lease_seconds: float = 30.0) -> None:
        self._lease_seconds = lease_seconds
        self._entries: dict[PydanticObjectId, _Entry] = {}
        self.dead_letters: dict[PydanticObjectId, str] = {}

    async def publish(
        self,
        items: Sequence[WorkItem],
        transaction: Transaction | None = None,  # noqa: ARG002 - memory cannot take part in one
        *,
        delay_seconds: float = 0,
    ) -> None:
        for item in items:
            self._entries.setdefault(item.id, _Entry(item, time.monotonic() + delay_seconds))

    async def consume(self, topic: Topic, most: int) -> list[LeasedItem]:
        while not (ready := self._ready(topic)):  # noqa: ASYNC110 - items also come due by the clock
            await asyncio.sleep(POLL_SECONDS)
        return [self._lease(entry) for entry in ready[:most]]

    async def extend(self, held: Sequence[LeasedItem]) -> int:
        return sum([await self.retry(leased, self._lease_seconds) for leased in held])

    async def acknowledge(self, leased: LeasedItem) -> bool:
        if not self._held(leased):
            return False
        del self._entries[leased.item.id]
        return True

    async def retry(self, leased: LeasedItem, delay_seconds: float) -> bool:
        if entry := self._held(leased):
            entry.ready_at = time.monotonic() + delay_seconds
        return entry is not None

    async def hand_back(self, leased: LeasedItem) -> bool:
        if entry := self._held(leased):
            entry.attempt -= 1
            entry.lease = None
            entry.ready_at = time.monotonic()
        return entry is not None

    async def bury(self, leased: LeasedItem, reason: str) -> bool:
        if not self._held(leased):
            return False
        self.dead_letters[leased.item.id] = reason
        return await self.acknowledge(leased)

    async def check(self) -> None:
        return

    async def close(self) -> None:
        return

    def _lease(self, entry: _Entry) -> LeasedItem:
        entry.attempt += 1
        entry.lease = secrets.token_hex(8)
        entry.ready_at = time.monotonic() + self._lease_seconds
        return LeasedItem(entry.item, entry.attempt, entry.lease)

    def _ready(self, topic: Topic) -> list[_Entry]:
        now = time.monotonic()
        waiting = (entry for entry in self._entries.values() if entry.item.topic == topic)
        ready = [entry for entry in waiting if entry.ready_at <= now]
        return sorted(ready, key=lambda entry: entry.ready_at)

    def _held(self, leased: LeasedItem) -> _Entry | None:
        entry = self._entries.get(leased.item.id)
        return entry if entry and entry.lease == leased.lease else None

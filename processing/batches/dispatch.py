"""Keeps the workers busy with batches, and no owner waiting for another: every worker sees to it, and none leads.

So much of an owner's work is in the queue as keeps all workers busy, and no more: a pause or a cancellation finds
little in hand, and whoever comes next waits for little.
"""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from beanie import PydanticObjectId

import tasks
from models.batch import Batch
from models.batch_unit import BatchUnit
from models.worker_presence import WorkerPresence
from processing.batches import dealing
from processing.batches.dealing import Window
from processing.queue.base import WorkItem, WorkQueue

UNITS_PER_LANE = 3
"""One in hand, one that waits for it to end, one that has ended and waits for company."""

LOOK_EVERY_SECONDS = 1.0
TTL_SECONDS = 10.0
PAUSE_SECONDS = 1.0

log = structlog.get_logger()


class Dispatcher:
    """Hands out the work of batches from `start` to `close`: soon after `wake`, and whatever is due by the clock.

    Args:
        queue: Takes the work.
        lanes: How many units this worker works on at a time.
    """

    def __init__(self, queue: WorkQueue, lanes: int) -> None:
        self.window = Window(UNITS_PER_LANE * lanes)
        self._queue = queue
        self._lanes = lanes
        self._worker_id = PydanticObjectId()
        self._woken: dict[PydanticObjectId, None] = {}
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins in the background."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._deal())]

    async def close(self) -> None:
        """Hands out nothing more, and is no longer counted among the workers."""
        await asyncio.gather(*(tasks.end(task) for task in self._tasks))
        if self._tasks:
            with contextlib.suppress(Exception):  # it ends by itself
                await WorkerPresence.leave(self._worker_id)

    def wake(self, owner_id: PydanticObjectId) -> None:
        """There may be something to hand out for this owner."""
        self._woken[owner_id] = None
        self._news.set()

    async def look(self) -> None:
        """Says that this worker is there, and wakes all owners who have work and room for it."""
        await WorkerPresence.beat(self._worker_id, self._lanes, TTL_SECONDS)
        self.window.size = UNITS_PER_LANE * await WorkerPresence.lanes_of_all()
        in_hand = await BatchUnit.running_by_owner()
        for owner_id in await Batch.owners_with_work():
            if in_hand.get(owner_id, 0) <= self.window.size - self.window.at_least:
                self.wake(owner_id)

    async def _look(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:
                log.warning("dispatcher blind", reason=str(error), exc_info=error)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _deal(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._woken:
                owner_id = next(iter(self._woken))
                del self._woken[owner_id]
                await self._deal_to(owner_id)

    async def _deal_to(self, owner_id: PydanticObjectId) -> None:
        """Others follow, also if this one's cannot be handed out: its turn comes again within a second."""
        try:
            window = self.window
            if await dealing.deal(owner_id, window.size, self._queue, at_least=window.at_least):
                self.wake(owner_id)
        except Exception as error:
            log.warning(
                "work of a batch not handed out", owner=str(owner_id), reason=str(error), exc_info=error
            )


class DispatchBatch:
    """Work that wakes a dispatcher, for processes that have none."""

    max_attempts = 1

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    async def run(self, item: WorkItem) -> None:
        """Its owner's work is handed out soon."""
        self._dispatcher.wake(item.owner_id)

    async def give_up(self, item: WorkItem) -> None:
        """The next look finds the owner."""

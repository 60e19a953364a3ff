"""Pull, run, retry, give up. Knows nothing of images."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Protocol

import structlog

import tasks
from errors import StorageError, StorageNotSetUpError
from models.work import Topic
from processing.lanes import Lanes, Occupation
from processing.queue.base import LeasedItem, WorkItem, WorkQueue

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 300.0
MOST_DOUBLINGS = 20  # far beyond the longest delay, far from the largest float
HEARTBEAT_SECONDS = 3.0
PAUSE_SECONDS = 1.0
COMPANY_SECONDS = 0.1
"""How long a lane is free before less than half of them are filled."""

FOR_OTHERS_DELAY_SECONDS = 60.0

log = structlog.get_logger()


class Handler(Protocol):
    """What one kind of work means. May be run twice for one item, also at the same time."""

    max_attempts: int
    """How often an item is tried before it becomes a dead letter."""

    async def run(self, item: WorkItem) -> None:
        """Does the work. Returning means done, raising means that another attempt may help."""
        ...

    async def give_up(self, item: WorkItem) -> None:
        """Tells whoever waits for the item that it will not be done."""
        ...


class Aside:
    """A handler whose items take long and little of this machine: others go on beside them."""

    def __init__(self, handler: Handler, lanes: Lanes) -> None:
        self._handler = handler
        self._lanes = lanes
        self.max_attempts = handler.max_attempts

    async def run(self, item: WorkItem) -> None:
        """As the handler does."""
        with self._lanes.aside():
            await self._handler.run(item)

    async def give_up(self, item: WorkItem) -> None:
        """As the handler does."""
        await self._handler.give_up(item)


class Runner:
    """The items of a topic of `queue`, each kind by its handler.

    Args:
        queue: Where they wait.
        topic: Which of them are meant.
        handlers: What each kind means.
        lanes: How many are in hand at a time.
        occupation: Is told what is in hand.
        gives_way_to: Nothing is taken up unless this is idle.
    """

    def __init__(
        self,
        queue: WorkQueue,
        topic: Topic,
        handlers: Mapping[str, Handler],
        lanes: Lanes | int,
        *,
        occupation: Occupation | None = None,
        gives_way_to: Occupation | None = None,
    ) -> None:
        self._queue = queue
        self._topic = topic
        self._handlers = handlers
        self._lanes = Lanes(lanes) if isinstance(lanes, int) else lanes
        self._occupation = occupation or Occupation()
        self._gives_way_to = gives_way_to or Occupation()
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: set[LeasedItem] = set()

    async def run(self, grace_seconds: float) -> None:
        """Works until `stop`; then items in hand have `grace_seconds` to end, and are handed back after that."""
        taking, beating = asyncio.create_task(self._take_up_all()), asyncio.create_task(self._beat())
        await self._stopping.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await taking
                await asyncio.gather(*map(asyncio.shield, self._tasks))
        await tasks.end(taking)  # from then on all that was taken is in hand
        for late in self._tasks:
            late.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await tasks.end(beating)

    def stop(self) -> None:
        """Takes no more items."""
        self._stopping.set()

    async def _take_up_all(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._take_up()
            except Exception as error:
                log.warning("work interrupted", reason=str(error), exc_info=error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _take_up(self) -> None:
        """Begins with the next items, unless there is a reason to take none."""
        await _first(self._wait_until_free(), self._stopping.wait())
        for leased in await self._next(self._lanes.room):
            task = asyncio.create_task(self._handle(leased))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wait_until_free(self) -> None:
        """Until there is room for an item, and for others soon after: several are taken as quickly as one."""
        await self._gives_way_to.is_idle.wait()
        await self._lanes.wait_for_room()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COMPANY_SECONDS):
                await self._lanes.wait_for_room(self._lanes.at_once // 2)

    async def _next(self, most: int) -> Sequence[LeasedItem]:
        """The next items; none once `stop` was called, or there is something to give way to."""
        if most < 1:
            return ()
        consuming = asyncio.ensure_future(self._queue.consume(self._topic, most))
        await _first(consuming, self._stopping.wait(), self._gives_way_to.is_busy.wait())
        return consuming.result() if consuming.done() and not consuming.cancelled() else ()

    async def _handle(self, leased: LeasedItem) -> None:
        with self._lanes.taken(), self._occupation.in_hand(), self._kept(leased):
            try:
                await self._attempt(leased)
            except asyncio.CancelledError:
                await self._queue.hand_back(leased)
                raise
            except Exception as error:
                log.warning("work interrupted", reason=str(error), exc_info=error)

    async def _attempt(self, leased: LeasedItem) -> None:
        item = leased.item
        handler = self._handlers.get(item.kind)
        if handler is None:  # published by a newer release: a newer worker will come
            await self._queue.retry(leased, FOR_OTHERS_DELAY_SECONDS)
            return
        if leased.attempt > handler.max_attempts:  # every attempt died with its worker
            await self._give_up(handler, leased, "its workers died")
            return
        try:
            await handler.run(item)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, other items go on
            await self._failed(handler, leased, error)
        else:
            await self._queue.acknowledge(leased)

    async def _failed(self, handler: Handler, leased: LeasedItem, error: Exception) -> None:
        is_for_others = isinstance(error, StorageNotSetUpError)  # a worker with newer settings may come
        is_lasting = isinstance(error, StorageError) and not (error.retryable or is_for_others)
        final = is_lasting or leased.attempt >= handler.max_attempts
        log.warning(
            "attempt failed", work=leased.item.kind, subject=str(leased.item.subject_id), attempt=leased.attempt,
            final=final, exc_info=error,
        )  # fmt: skip
        if final:
            await self._give_up(handler, leased, f"{type(error).__name__}: {error}")
        else:
            delay = FOR_OTHERS_DELAY_SECONDS if is_for_others else delay_seconds(leased.attempt)
            await self._queue.retry(leased, delay)

    async def _give_up(self, handler: Handler, leased: LeasedItem, reason: str) -> None:
        item = leased.item
        log.error(
            "work given up",
            work=item.kind,
            subject=str(item.subject_id),
            dead_letter=str(item.id),
            reason=reason,
        )
        await handler.give_up(item)
        await self._queue.bury(leased, reason)

    @contextlib.contextmanager
    def _kept(self, leased: LeasedItem) -> Iterator[None]:
        """The lease does not end, for the length of the block."""
        self._held.add(leased)
        try:
            yield
        finally:
            self._held.discard(leased)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                if self._held:
                    await self._queue.extend(list(self._held))
            except Exception as error:
                log.warning("heartbeat lost", reason=str(error), exc_info=error)


async def _first(*waits: Awaitable[object]) -> None:
    """Waits for one of them, and ends the others."""
    waiting = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await asyncio.gather(*map(tasks.end, waiting))


def delay_seconds(attempt: int) -> float:
    """How long to wait after attempt number `attempt`: doubling, with jitter so that retries do not march in step."""
    longest = min(FIRST_DELAY_SECONDS * 2 ** min(attempt - 1, MOST_DOUBLINGS), LONGEST_DELAY_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing

"""From the outbox to Kafka: announces what is ready. A change stream wakes the relay, and a clock for what comes due.

Every worker offers to relay; a lease in MongoDB lets one of them. Two at once only announce things twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from math import inf

import structlog
from pymongo.errors import PyMongoError

from errors import QueueError
from models.feed import Follower
from models.lease import Lease
from models.work import InLine, Topic, Work
from processing.queue.kafka.broker import Broker
from processing.queue.kafka.messages import Announcement
from processing.queue.kafka.patience import end, within
from processing.queue.kafka.window import Turn, Window
from processing.queue.leasing import translated

LEASE = "relay"
LEASE_SECONDS, RENEW_SECONDS = 6.0, 2.0
LONGEST_WAIT_SECONDS = 1.0  # dates change in other processes too, and no stream tells of that
SHORTEST_WAIT_SECONDS = 0.02
NEXT_WINDOW_SECONDS = 0.1
MOST_ANNOUNCED = 256
STANDBY_SECONDS = 2.0
CLOSE_SECONDS = 3.0
PAUSE_SECONDS = 5.0  # longer than others stand by: who cannot reach Kafka lets them try

log = structlog.get_logger()


class Relay:
    """Announces, from `start` to `close`. Of each topic, no more than MOST_ANNOUNCED items wait to be taken."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._holder = secrets.token_hex(8)
        self._renew_at = 0.0
        self._windows: dict[Topic, Window] = {}
        self._news = asyncio.Event()
        self._follower = Follower(Work, on_insert=lambda _: self.wake(), on_open=self.wake)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins in the background, unless that was done before."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Looks at once, if this is the relay that works."""
        self._news.set()

    async def close(self) -> None:
        """Ends at once, and lets another worker go on."""
        if self._running:
            await end(self._running)
            with contextlib.suppress(TimeoutError):
                await within(CLOSE_SECONDS, self._follower.close())
            await self._give_back()

    async def _run(self) -> None:
        while True:
            try:
                await self._relay()
                await asyncio.sleep(STANDBY_SECONDS)
            except QueueError:
                await self._give_back()
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as error:
                log.warning("relay interrupted", reason=str(error), exc_info=error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _relay(self) -> None:
        """Announces for as long as the lease is ours."""
        if not await self._has_lease():
            return
        self._windows = {topic: Window() for topic in Topic}
        self._follower.start()
        while await self._has_lease():
            self._news.clear()
            await self._wait(min([await self._announce(topic) for topic in Topic]))

    async def _has_lease(self) -> bool:
        """Takes it, or takes it anew when it is time to."""
        now = time.monotonic()
        if now < self._renew_at:
            return True
        async with translated():
            taken = await Lease.take(LEASE, self._holder, LEASE_SECONDS)
        self._renew_at = now + RENEW_SECONDS if taken else 0.0
        return taken

    async def _give_back(self) -> None:
        self._renew_at = 0.0
        with contextlib.suppress(PyMongoError):  # then it ends by itself
            await Lease.release(LEASE, self._holder)

    async def _announce(self, topic: Topic) -> float:
        """Announces what of the topic is due; how long until something may be again."""
        async with translated():
            line = await Work.next_in_line(topic, MOST_ANNOUNCED)
        window = self._windows[topic]
        if turns := window.due(line, time.monotonic()):
            await self._broker.send(self._broker.topics.of(topic), [_message(topic, turn) for turn in turns])
            window.remember(turns, time.monotonic())
        return min(_seconds_until_due(line), window.seconds_until_again(time.monotonic()))

    async def _wait(self, wait_seconds: float) -> None:
        """No longer than LONGEST_WAIT_SECONDS, and no shorter than SHORTEST_WAIT_SECONDS, whatever news there is."""
        await asyncio.sleep(SHORTEST_WAIT_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(wait_seconds, LONGEST_WAIT_SECONDS)):
                await self._news.wait()


def _message(topic: Topic, turn: Turn) -> tuple[int, bytes]:
    ready_at_ms = round(turn.item.ready_at.timestamp() * 1000)
    return turn.number, Announcement(turn.item.id, topic, ready_at_ms).encoded()


def _seconds_until_due(line: list[InLine]) -> float:
    later = next((item.left_seconds for item in line if item.left_seconds > 0), inf)
    return min(later, NEXT_WINDOW_SECONDS) if len(line) == MOST_ANNOUNCED else later

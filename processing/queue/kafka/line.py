"""A topic as this process gets it: its share of the partitions, read ahead by one batch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from errors import QueueError
from models.work import Topic, Work
from processing.queue.kafka.broker import Broker
from processing.queue.kafka.inbox import Inbox, Message
from processing.queue.kafka.messages import Announcement
from processing.queue.kafka.patience import end, within
from processing.queue.leasing import translated

RECEIVE_MS = 1_000
PAUSE_SECONDS = 1.0
SAVE_WITHIN_SECONDS = 0.2
SAVE_SECONDS = 3.0

log = structlog.get_logger()


class Line(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Announcements of one topic, one after the other: whoever looks at the first holds `turn` until it is settled.

    Nothing is received while nobody wants it. Whoever wants nothing for five minutes has left the group, and others
    have its partitions; it comes back when it wants something.
    """

    def __init__(self, broker: Broker, topic: Topic) -> None:
        self.turn = asyncio.Lock()
        self._broker = broker
        self._topic = topic
        self._inbox = Inbox()
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._consumer: AIOKafkaConsumer | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None

    async def first(self, most: int) -> list[tuple[Message, Announcement]]:
        """Waits for the announcements of the items that have waited longest, at least one and no more than `most`.

        They stay the first until they are settled.
        """
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._receive_for_ever())
        while not (found := self._inbox.first(most)):
            self._news.clear()
            self._wanted.set()
            await self._news.wait()
        return found

    def settle(self, message: Message) -> None:
        """The state of its item is written: the message need not come again."""
        self._inbox.settle(message)
        self._save_soon()

    async def close(self) -> None:
        """Saves what is settled, and leaves the group."""
        for task in (self._saving, self._receiving):
            if task:
                await end(task)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """They may be somebody else's in a moment."""
        await self._commit()
        self._inbox.drop(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """They are read from where they were saved."""

    async def _receive_for_ever(self) -> None:
        while True:
            try:
                await self._receive_as_member()
            except QueueError:
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as error:  # whatever it was, workers must not wait for ever
                log.warning("announcements interrupted", topic=self._topic, reason=str(error), exc_info=error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _receive_as_member(self) -> None:
        async with self._broker.consuming(self._broker.topics.of(self._topic), self) as consumer:
            self._consumer = consumer
            try:
                while True:
                    await self._wanted.wait()
                    await self._receive(consumer)
            finally:
                await self._commit()
                self._consumer = None
                self._inbox = Inbox()

    async def _receive(self, consumer: AIOKafkaConsumer) -> None:
        self._inbox.add(await consumer.getmany(timeout_ms=RECEIVE_MS))
        with contextlib.suppress(QueueError):  # then whoever takes an item finds out whether it is ready
            announced = self._inbox.ids()
            async with translated():
                self._inbox.pass_over(announced - await Work.ready_among(announced, self._topic))
        if self._inbox.first(1):
            self._wanted.clear()
            self._news.set()
        self._save_soon()

    def _save_soon(self) -> None:
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_later())

    async def _save_later(self) -> None:
        await asyncio.sleep(SAVE_WITHIN_SECONDS)
        await self._commit()

    async def _commit(self) -> None:
        """Tells Kafka what is settled. If that fails, it comes again, and is passed over."""
        if self._consumer is None:
            return
        ours = self._consumer.assignment()
        settled = {place: offset for place, offset in self._inbox.take_settled().items() if place in ours}
        if not settled:
            return
        try:
            await within(SAVE_SECONDS, self._consumer.commit(settled))
        except (KafkaError, OSError, TimeoutError) as error:
            log.debug("offsets not saved", topic=self._topic, reason=str(error))

"""This process's ways to Kafka, each opened when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from errors import QueueError
from processing.queue.kafka.access import ANSWER_SECONDS, Access
from processing.queue.kafka.patience import within
from processing.queue.kafka.topics import Topics

HEARTBEAT_MS, SESSION_MS = 1_000, 10_000
PARTITION_FETCH_BYTES = 64 * 1024
START_SECONDS = 15.0
CLOSE_SECONDS = 3.0

log = structlog.get_logger()


class Broker:
    """One producer, and a consumer for each topic that is consumed here. Says once that Kafka is silent, and once that
    it answers again.
    """

    def __init__(self, access: Access, topics: Topics) -> None:
        self.topics = topics
        self._access = access
        self._opening = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        self._topics_are_there = False
        self._is_silent = False

    async def check(self) -> None:
        """Raises `QueueError` if Kafka does not answer."""
        await self._access.check()

    async def send(self, name: str, messages: Sequence[tuple[int, bytes]]) -> None:
        """Sends to a topic, each to the partition of its number; returns once Kafka has made them safe.

        Raises:
            QueueError: It may not have done so with some of them.
        """
        async with self._heard():
            await within(ANSWER_SECONDS, _send(await self._opened_producer(), name, messages))

    @asynccontextmanager
    async def consuming(
        self, name: str, listener: ConsumerRebalanceListener
    ) -> AsyncIterator[AIOKafkaConsumer]:
        """A member of the topic's consumer group, until the end of the block.

        Raises:
            QueueError: Kafka does not let it in.
        """
        consumer = AIOKafkaConsumer(
            group_id=name,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # what comes twice is passed over, what is left out waits
            heartbeat_interval_ms=HEARTBEAT_MS,
            session_timeout_ms=SESSION_MS,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            **self._access.options(),
        )
        consumer.subscribe([name], listener=listener)
        try:
            async with self._heard():
                async with self._opening:
                    await self._ensure_topics()
                await within(START_SECONDS, consumer.start())
            yield consumer
        finally:
            await _stop(consumer)

    async def close(self) -> None:
        """Hangs up. Consumers are closed by those who opened them."""
        if self._producer:
            await _stop(self._producer)

    async def _opened_producer(self) -> AIOKafkaProducer:
        async with self._opening:
            await self._ensure_topics()
            if self._producer is None:
                producer = AIOKafkaProducer(acks="all", **self._access.options())
                try:
                    await within(START_SECONDS, producer.start())
                except BaseException:
                    await _stop(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _ensure_topics(self) -> None:
        if not self._topics_are_there:
            await within(START_SECONDS, self.topics.ensure(self._access.options()))
            self._topics_are_there = True

    @asynccontextmanager
    async def _heard(self) -> AsyncIterator[None]:
        """The exceptions of aiokafka, as ours. After each, the topics are looked for anew."""
        try:
            yield
        except (KafkaError, OSError, TimeoutError) as error:
            self._topics_are_there = False
            reason = str(error) or type(error).__name__
            if not self._is_silent:
                log.warning("kafka does not answer; work waits", reason=reason)
            self._is_silent = True
            raise QueueError(f"Kafka: {reason}") from error
        if self._is_silent:
            log.info("kafka answers again")
        self._is_silent = False


async def _send(producer: AIOKafkaProducer, name: str, messages: Sequence[tuple[int, bytes]]) -> None:
    partitions = sorted(await producer.partitions_for(name))
    sent = [
        await producer.send(name, value, partition=partitions[number % len(partitions)])
        for number, value in messages
    ]
    await asyncio.gather(*sent)


async def _stop(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Takes leave of Kafka, or goes without if it does not answer."""
    try:
        await within(CLOSE_SECONDS, client.stop())
    except (KafkaError, OSError, TimeoutError) as error:
        log.debug("kafka did not take leave", reason=str(error))

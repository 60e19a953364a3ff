"""Queues on one broker, each test with topics of its own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest
from beanie import PydanticObjectId

from models.work import DeadLetter, Topic, Work
from processing.queue.base import WorkItem
from processing.queue.kafka import Access, KafkaQueue, Topics

SOON = 30
LEASE_SECONDS = 3.0


def item(topic=Topic.UPLOADS):
    return WorkItem("develop", PydanticObjectId(), PydanticObjectId(), id=PydanticObjectId(), topic=topic)


def items(count, topic=Topic.UPLOADS):
    return [item(topic) for _ in range(count)]


async def next_of(queue, topic=Topic.UPLOADS):
    (leased,) = await asyncio.wait_for(queue.consume(topic, 1), SOON)
    return leased


async def nothing_comes(queue, seconds=1.5):
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.consume(Topic.UPLOADS, 1), seconds)


@pytest.fixture(autouse=True)
async def no_work(database):
    await Work.find({}).delete()
    await DeadLetter.find({}).delete()


@pytest.fixture(autouse=True)
def quiet_client(caplog):
    """As in the service."""
    caplog.set_level(logging.CRITICAL, "aiokafka")


@pytest.fixture
def prefix():
    return f"test-{PydanticObjectId()}"


@pytest.fixture
async def queues(kafka, prefix):
    """Makes queues, each as another process would have it; they are closed in the end."""
    async with AsyncExitStack() as made:

        def make(broker=kafka, partitions=4):
            queue = KafkaQueue(Access((broker.server,)), Topics(prefix, partitions), LEASE_SECONDS)
            made.push_async_callback(queue.close)
            return queue

        yield make

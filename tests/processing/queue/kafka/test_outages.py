"""While Kafka is down, work waits; nothing is lost, and nobody has to be told when it is up again."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from errors import QueueError
from models.work import DeadLetter, Topic
from processing.queue.kafka import broker, relay
from tests.kafka.broker import Broker
from tests.processing.queue.kafka.conftest import item, nothing_comes

SOON = 90  # a broker takes its time until it serves
pytestmark = [
    pytest.mark.mongo,
    pytest.mark.kafka,
    # aiokafka leaves the sockets of a broker that dies to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


async def next_of(queue):
    (leased,) = await asyncio.wait_for(queue.consume(Topic.UPLOADS, 1), SOON)
    return leased


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(relay, "PAUSE_SECONDS", 0.5)


@pytest.fixture
def restless(tmp_path):
    """A broker of the test's own, which it starts and stops."""
    own = Broker(tmp_path / "kafka")
    yield own
    own.stop()


async def test_x5_work_that_is_published_while_kafka_is_down_is_delivered_once_it_is_up(queues, restless):
    queue, published = queues(restless), item()
    waiting = asyncio.create_task(queue.consume(Topic.UPLOADS, 1))
    with pytest.raises(QueueError):
        await queue.check()

    with capture_logs() as said:
        await queue.publish([published])
        await asyncio.sleep(2)
        await asyncio.to_thread(restless.start)
        (leased,) = await asyncio.wait_for(waiting, SOON)

    assert leased.item == published
    events = [line["event"] for line in said]
    assert events.count("kafka answers again") == 1
    await queue.check()


async def test_x5_a_restart_of_kafka_loses_nothing(queues, restless):
    await asyncio.to_thread(restless.start)
    queue, before, between, after = queues(restless), item(), item(), item()
    await queue.publish([before])
    held = await next_of(queue)

    await asyncio.to_thread(restless.stop)
    await queue.publish([between])
    assert await queue.acknowledge(held)
    await asyncio.to_thread(restless.start)
    await queue.publish([after])

    assert held.item == before
    assert {(await next_of(queue)).item, (await next_of(queue)).item} == {between, after}


@pytest.mark.long
async def test_x5_a_kafka_that_has_forgotten_everything_is_set_up_anew(queues, restless, tmp_path):
    await asyncio.to_thread(restless.start)
    queue, before, after = queues(restless), item(), item()
    await queue.publish([before])
    await queue.acknowledge(await next_of(queue))

    await asyncio.to_thread(restless.stop)
    await asyncio.to_thread(restless.forget)
    await queue.publish([after])
    await asyncio.to_thread(restless.start)

    assert (await next_of(queue)).item == after


@pytest.mark.long
async def test_x7_a_hopeless_item_comes_again_while_its_letter_cannot_be_sent(queues, restless, monkeypatch):
    monkeypatch.setattr(broker, "ANSWER_SECONDS", 1.0)
    await asyncio.to_thread(restless.start)
    queue, published = queues(restless), item()
    await queue.publish([published])
    leased = await next_of(queue)

    await asyncio.to_thread(restless.stop)
    with pytest.raises(QueueError):
        await queue.bury(leased, "hopeless")
    assert await DeadLetter.find({}).count() == 0
    await asyncio.to_thread(restless.start)

    again = await next_of(queue)
    assert again.item == published
    assert await queue.bury(again, "hopeless")
    await nothing_comes(queue)


@pytest.mark.long
async def test_x5_closing_does_not_wait_for_a_kafka_that_is_down(queues, restless):
    await asyncio.to_thread(restless.start)
    queue = queues(restless)
    await queue.publish([item()])
    await next_of(queue)
    await asyncio.to_thread(restless.stop)

    await asyncio.wait_for(queue.close(), SOON)

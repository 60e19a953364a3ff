"""Every adapter keeps every promise of `processing/queue/base.py`."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from beanie import PydanticObjectId

from models import transactions
from models.work import DeadLetter, Topic, Work
from processing.queue import mongo
from processing.queue.base import WorkItem
from processing.queue.kafka import Access, KafkaQueue, Topics, relay
from processing.queue.memory import MemoryQueue
from processing.queue.mongo import MongoQueue

MONGO = pytest.param("mongo", marks=pytest.mark.mongo)
KAFKA = pytest.param("kafka", marks=[pytest.mark.mongo, pytest.mark.kafka])
LEASE_SECONDS = 0.6
SOON = 10


@pytest.fixture(autouse=True)
def no_polling(monkeypatch):
    """Whoever is not woken waits longer than any test."""
    monkeypatch.setattr(mongo, "LONGEST_WAIT_SECONDS", 60.0)
    monkeypatch.setattr(relay, "LONGEST_WAIT_SECONDS", 60.0)


@asynccontextmanager
async def opened(request, partitions=3):
    if request.param == "memory":
        yield MemoryQueue(LEASE_SECONDS)
        return
    await Work.find({}).delete()
    await DeadLetter.find({}).delete()
    if request.param == "mongo":
        adapter = MongoQueue(LEASE_SECONDS)
    else:
        access = Access((request.getfixturevalue("kafka").server,))
        adapter = KafkaQueue(access, Topics(f"contract-{PydanticObjectId()}", partitions), LEASE_SECONDS)
    yield adapter
    await adapter.close()


@pytest.fixture(params=["memory", MONGO, KAFKA])
async def queue(request, database):
    async with opened(request) as adapter:
        yield adapter


@pytest.fixture(params=["memory", MONGO, KAFKA])
async def single_file(request, database):
    """What is published reaches this process in that order: Kafka promises so within a partition only."""
    async with opened(request, partitions=1) as adapter:
        yield adapter


@pytest.fixture(params=[MONGO, KAFKA])
async def durable_queue(request, database):
    """One that takes part in transactions."""
    async with opened(request) as adapter:
        yield adapter


def item() -> WorkItem:
    return WorkItem("develop", PydanticObjectId(), PydanticObjectId(), id=PydanticObjectId())


async def one_of(queue):
    (leased,) = await queue.consume(Topic.UPLOADS, 1)
    return leased


async def next_of(queue):
    return await asyncio.wait_for(one_of(queue), SOON)


async def nothing_comes(queue, seconds=2 * LEASE_SECONDS):
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one_of(queue), seconds)


async def test_what_is_published_is_delivered_with_its_ids(queue):
    published = item()
    await queue.publish([published])

    leased = await next_of(queue)

    assert (leased.item, leased.attempt) == (published, 1)


async def test_the_item_that_waited_longest_comes_first(single_file):
    first, second = item(), item()
    await single_file.publish([first])
    await asyncio.sleep(0.02)
    await single_file.publish([second])

    assert [(await next_of(single_file)).item for _ in range(2)] == [first, second]


async def test_a_waiting_consumer_is_woken_by_a_publish(queue):
    waiting = asyncio.create_task(one_of(queue))
    await asyncio.sleep(0.1)
    published = item()

    await queue.publish([published])

    assert (await asyncio.wait_for(waiting, SOON)).item == published


async def test_x12_two_consumers_never_hold_the_same_item(queue):
    published = [item() for _ in range(20)]
    await queue.publish(published)

    leased = await asyncio.gather(*(next_of(queue) for _ in published))

    assert {one.item.id for one in leased} == {one.id for one in published}


async def test_as_many_come_at_once_as_there_are_and_are_wanted(queue):
    published = [item() for _ in range(5)]
    await queue.publish(published)

    hands, wanted = [], 3
    while sum(map(len, hands)) < len(published):
        hands.append(await asyncio.wait_for(queue.consume(Topic.UPLOADS, wanted), SOON))

    assert all(1 <= len(hand) <= wanted for hand in hands)
    assert {leased.item for hand in hands for leased in hand} == set(published)
    assert {leased.attempt for hand in hands for leased in hand} == {1}


async def test_heartbeats_of_many_keep_just_the_leases_that_are_held(queue):
    await queue.publish([item(), item()])
    lost = await next_of(queue)
    await queue.acknowledge(lost)
    held = await next_of(queue)

    assert await queue.extend([held, lost]) == 1


async def test_of_many_acknowledged_at_once_those_that_were_lost_stay(queue):
    await queue.publish([item(), item()])
    late = await next_of(queue)
    both = {leased.item: leased for leased in (await next_of(queue), await next_of(queue))}
    present = both.pop(late.item)
    (other,) = both.values()

    assert await asyncio.gather(*map(queue.acknowledge, (late, other))) == [False, True]
    assert await queue.acknowledge(present)


async def test_an_acknowledged_item_never_comes_again(queue):
    await queue.publish([item()])

    assert await queue.acknowledge(await next_of(queue))

    await nothing_comes(queue)


async def test_an_item_whose_worker_died_comes_again(queue):
    published = item()
    await queue.publish([published])
    await next_of(queue)

    again = await next_of(queue)

    assert (again.item, again.attempt) == (published, 2)


async def test_a_heartbeat_keeps_the_lease(queue):
    await queue.publish([item()])
    leased = await next_of(queue)

    for _ in range(4):
        await asyncio.sleep(LEASE_SECONDS / 2)
        assert await queue.extend([leased])

    assert await queue.acknowledge(leased)


async def test_who_lost_the_lease_changes_nothing(queue):
    await queue.publish([item()])
    late = await next_of(queue)
    present = await next_of(queue)

    assert not await queue.extend([late])
    assert not await queue.retry(late, 0)
    assert not await queue.bury(late, "late")
    assert not await queue.acknowledge(late)
    assert await queue.acknowledge(present)


async def test_a_retry_comes_again_after_its_delay_and_not_before(queue):
    await queue.publish([item()])
    delay_seconds = 2 * LEASE_SECONDS
    await queue.retry(await next_of(queue), delay_seconds)

    await nothing_comes(queue, delay_seconds / 2)

    assert (await next_of(queue)).attempt == 2


async def test_a_dead_letter_is_kept_and_never_comes_again(queue):
    published = item()
    await queue.publish([published])

    assert await queue.bury(await next_of(queue), "hopeless")

    await nothing_comes(queue)
    assert await dead_letters(queue) == {published.id: "hopeless"}


async def test_an_item_handed_back_comes_again_as_if_it_had_never_been_leased(queue):
    await queue.publish([item()])
    first = await next_of(queue)

    assert await queue.hand_back(first)
    again = await next_of(queue)

    assert (again.item, again.attempt) == (first.item, 1)
    assert not await queue.hand_back(first)


async def test_who_stops_waiting_has_leased_nothing(queue):
    published = [item() for _ in range(20)]
    waiting = [asyncio.create_task(one_of(queue)) for _ in range(5)]
    await asyncio.sleep(0)
    await queue.publish(published)
    for task in waiting:
        task.cancel()
    kept = [
        done
        for done in await asyncio.gather(*waiting, return_exceptions=True)
        if not isinstance(done, BaseException)
    ]

    rest = [await next_of(queue) for _ in range(len(published) - len(kept))]

    assert {leased.item for leased in kept + rest} == set(published)
    assert {leased.attempt for leased in rest} == {1}


async def test_x6_publishing_an_unfinished_item_again_changes_nothing(queue):
    published = item()
    await queue.publish([published])
    leased = await next_of(queue)

    await queue.publish([published])

    assert await queue.acknowledge(leased)
    await nothing_comes(queue)


async def test_work_of_an_aborted_transaction_is_never_delivered(durable_queue):
    async def fail(transaction):
        await durable_queue.publish([item()], transaction)
        raise LookupError

    with pytest.raises(LookupError):
        await transactions.run(fail)

    await nothing_comes(durable_queue)


async def test_work_of_a_committed_transaction_wakes_a_waiting_consumer(durable_queue):
    published = item()
    waiting = asyncio.create_task(one_of(durable_queue))
    await asyncio.sleep(0.1)

    await transactions.run(lambda transaction: durable_queue.publish([published], transaction))

    assert (await asyncio.wait_for(waiting, SOON)).item == published


async def dead_letters(queue):
    if isinstance(queue, MemoryQueue):
        return queue.dead_letters
    return {letter.id: letter.reason for letter in await DeadLetter.find({}).to_list()}


async def test_what_is_published_with_a_delay_comes_after_it(queue):
    later, now = item(), item()
    await queue.publish([later], delay_seconds=LEASE_SECONDS)
    await queue.publish([now])

    first, second = await next_of(queue), await next_of(queue)

    assert [first.item, second.item] == [now, later]

"""Messages may come twice, late, moved, or from anybody: each item is still one worker's at a time, and none is lost."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from models.work import Topic
from processing.queue.kafka import window
from processing.queue.kafka.messages import Announcement
from tests.kafka import raw
from tests.processing.queue.kafka.conftest import item, items, next_of, nothing_comes

pytestmark = [pytest.mark.mongo, pytest.mark.kafka]

POISON = (b"", b"no JSON", b"[]", b'{"id": "an item"}', b'{"id": null}', b"\xff" * 1000, None)


async def test_x6_what_is_announced_again_and_again_is_taken_once(queues, kafka, prefix):
    queue, published = queues(), item()
    await queue.publish([published])
    leased = await next_of(queue)

    again = Announcement(published.id, Topic.UPLOADS, 0).encoded()
    await raw.send(kafka, f"{prefix}.uploads", again, again, again)

    await nothing_comes(queue)
    assert await queue.acknowledge(leased)
    await nothing_comes(queue)


async def test_x6_a_group_that_is_moved_back_to_the_beginning_does_nothing_twice(queues, kafka, prefix):
    first = queues()
    await first.publish(items(20))
    for _ in range(20):
        assert await first.acknowledge(await next_of(first))
    await first.close()

    saved = await raw.rewind(kafka, f"{prefix}.uploads", f"{prefix}.uploads")
    second, published = queues(), item()
    await second.publish([published])

    assert sum(saved) == 20
    assert (await next_of(second)).item == published
    await nothing_comes(second)


@pytest.mark.parametrize("poison", POISON, ids=repr)
async def test_x7_a_message_that_nobody_understands_is_passed_over(queues, kafka, prefix, poison):
    queue = queues(partitions=1)
    await queue.publish([item()])
    await next_of(queue)

    await raw.send(kafka, f"{prefix}.uploads", poison)
    published = item()
    await queue.publish([published])

    assert (await next_of(queue)).item == published


async def test_x7_an_announcement_in_the_wrong_topic_is_passed_over(queues, kafka, prefix):
    queue, published = queues(), item(Topic.LATER)
    await queue.publish([published])
    assert (await next_of(queue, Topic.LATER)).item == published

    await raw.send(kafka, f"{prefix}.uploads", Announcement(published.id, Topic.UPLOADS, 0).encoded())

    await nothing_comes(queue, 5)  # when its lease has ended, too


async def test_a_backlog_of_one_topic_keeps_no_other_waiting(queues):
    queue = queues()
    await queue.publish(items(600, Topic.BATCHES))
    await next_of(queue, Topic.BATCHES)
    published = item()

    await queue.publish([published])

    assert (await next_of(queue)).item == published


async def test_all_of_a_backlog_is_announced_though_only_its_beginning_at_a_time(queues):
    queue, published = queues(), items(600)
    await queue.publish(published)

    async def work():
        ended = []
        while len(ended) < 100:
            leased = await next_of(queue)
            assert await queue.acknowledge(leased)
            ended.append(leased.item.id)
        return ended

    ended = await asyncio.gather(*(work() for _ in range(6)))

    assert sorted(id_ for ids in ended for id_ in ids) == sorted(one.id for one in published)


async def test_x12_what_nobody_takes_is_announced_to_another_worker(queues, monkeypatch):
    monkeypatch.setattr(window, "AGAIN_SECONDS", 0.5)
    busy, idle = queues(), queues()
    await asyncio.gather(*(_has_joined(queue) for queue in (busy, idle)))

    published = items(12)
    await busy.publish(published)
    taken = {(await next_of(idle)).item.id for _ in published}

    assert taken == {one.id for one in published}


async def test_x7_a_dead_letter_is_told_of_in_a_topic_of_its_own(queues, kafka, prefix):
    queue, published = queues(), item()
    await queue.publish([published])

    assert await queue.bury(await next_of(queue), "hopeless")

    (told,) = await raw.read(kafka, f"{prefix}.dead-letters")
    letter = orjson.loads(told)
    assert (letter["id"], letter["reason"]) == (str(published.id), "hopeless")


async def test_topics_have_at_least_the_partitions_that_are_wanted(queues, kafka, prefix):
    for wanted in (2, 5, 3):
        queue = queues(partitions=wanted)
        await queue.publish([item()])
        await queue.acknowledge(await next_of(queue))
        await queue.close()

    assert await raw.partitions(kafka, f"{prefix}.uploads") == [0, 1, 2, 3, 4]


async def _has_joined(queue):
    """Has a share of the partitions, and takes nothing."""
    waiting = asyncio.create_task(queue.consume(Topic.UPLOADS, 1))
    line = queue._lines[Topic.UPLOADS]
    while line._consumer is None or not line._consumer.assignment():  # noqa: ASYNC110 - another server
        await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

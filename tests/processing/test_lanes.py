"""So much is worked on at once; what waits for others steps aside, what is not urgent waits for idleness."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId

from models.work import Topic
from processing.lanes import Lanes, Occupation
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.runner import Runner

SOON = 10


class Held:
    """A handler whose items end when they are told to."""

    max_attempts = 1

    def __init__(self, lanes=None):
        self.lanes = lanes
        self.begun, self.host = [], asyncio.Event()
        self.may_end = asyncio.Event()

    async def run(self, item):
        self.begun.append(item.kind)
        if item.kind == "slow":
            with self.lanes.aside():
                await self.host.wait()
        await self.may_end.wait()

    async def give_up(self, item):
        raise AssertionError(item)


def item(kind, topic=Topic.BATCHES):
    return WorkItem(kind, PydanticObjectId(), PydanticObjectId(), PydanticObjectId(), topic)


async def until(holds):
    async with asyncio.timeout(SOON):
        while not holds():  # noqa: ASYNC110 - what begins says so to a list
            await asyncio.sleep(0.001)


@pytest.fixture
def queue():
    return MemoryQueue()


async def test_what_waits_for_a_slow_host_keeps_no_other_host_waiting(queue):
    lanes = Lanes(2, aside=3)
    handler = Held(lanes)
    runner = Runner(queue, Topic.BATCHES, {"slow": handler, "fast": handler}, lanes)
    await queue.publish([item("slow") for _ in range(3)])
    task = asyncio.create_task(runner.run(SOON))
    await until(lambda: len(handler.begun) == 3)

    await queue.publish([item("fast") for _ in range(5)])
    await until(lambda: len(handler.begun) == 5)
    handler.host.set()
    handler.may_end.set()
    await until(lambda: len(handler.begun) == 8)
    await until(lambda: queue._entries == {})

    assert handler.begun == ["slow"] * 3 + ["fast"] * 5
    runner.stop()
    await asyncio.wait_for(task, SOON)
    assert lanes.room == 2


async def test_no_more_than_so_many_step_aside(queue):
    lanes = Lanes(1, aside=2)
    handler = Held(lanes)
    runner = Runner(queue, Topic.BATCHES, {"slow": handler}, lanes)
    await queue.publish([item("slow") for _ in range(5)])

    task = asyncio.create_task(runner.run(0))
    await until(lambda: len(handler.begun) == 3)
    for _ in range(20):
        await asyncio.sleep(0.001)

    assert len(handler.begun) == 3
    runner.stop()
    await asyncio.wait_for(task, SOON)


async def test_what_is_not_urgent_is_taken_up_only_while_nothing_else_is_in_hand(queue):
    occupation, urgent, later = Occupation(), Held(), Held()
    runners = [
        Runner(queue, Topic.UPLOADS, {"urgent": urgent}, 1, occupation=occupation),
        Runner(queue, Topic.LATER, {"later": later}, 1, gives_way_to=occupation),
    ]
    tasks = [asyncio.create_task(runner.run(SOON)) for runner in runners]
    await queue.publish([item("urgent", Topic.UPLOADS)])
    await until(lambda: urgent.begun)

    await queue.publish([item("later", Topic.LATER)])
    for _ in range(50):
        await asyncio.sleep(0.001)
    assert later.begun == []

    urgent.may_end.set()
    later.may_end.set()
    await until(lambda: later.begun)
    for runner in runners:
        runner.stop()
    await asyncio.wait_for(asyncio.gather(*tasks), SOON)


async def test_idleness_is_not_a_pause_between_two(queue):
    occupation = Occupation(rest_seconds=0.05)

    with occupation.in_hand():
        pass
    assert not occupation.is_idle.is_set()
    with occupation.in_hand():
        await asyncio.sleep(0.1)
        assert not occupation.is_idle.is_set()

    await asyncio.wait_for(occupation.is_idle.wait(), SOON)


async def test_as_many_are_taken_at_once_as_there_is_room_for(queue, monkeypatch):
    hands, consume, handler = [], queue.consume, Held()

    async def consumed(topic, most):
        hands.append(most)
        return await consume(topic, most)

    monkeypatch.setattr(queue, "consume", consumed)
    await queue.publish([item("fast") for _ in range(6)])
    runner = Runner(queue, Topic.BATCHES, {"fast": handler}, Lanes(4))
    task = asyncio.create_task(runner.run(SOON))
    await until(lambda: len(handler.begun) == 4)
    assert hands == [4]

    handler.may_end.set()
    await until(lambda: queue._entries == {})
    runner.stop()
    await asyncio.wait_for(task, SOON)
    assert len(handler.begun) == 6

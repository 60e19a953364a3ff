"""Work is pulled, run, tried again and given up."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId
from structlog.testing import capture_logs

from errors import StorageError, StorageNotSetUpError
from models.work import Topic
from processing import runner
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.runner import Runner

SOON = 10
MAX_ATTEMPTS = 5


class Recorder:
    """A handler that fails `failures` times, then succeeds."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, failures=0, error=RuntimeError):
        self.failures, self.error = failures, error
        self.runs, self.given_up, self.ended = [], [], asyncio.Event()

    async def run(self, item):
        self.runs.append(item)
        if len(self.runs) <= self.failures:
            raise self.error("on purpose")
        self.ended.set()

    async def give_up(self, item):
        self.given_up.append(item)
        self.ended.set()


def item(kind="test"):
    return WorkItem(kind, PydanticObjectId(), PydanticObjectId(), id=PydanticObjectId())


async def run(queue, handler, *items, concurrency=1, grace_seconds=SOON):
    await queue.publish(items)
    working = Runner(queue, Topic.UPLOADS, {"test": handler}, concurrency)
    task = asyncio.create_task(working.run(grace_seconds))
    await asyncio.wait_for(handler.ended.wait(), SOON)
    working.stop()
    await asyncio.wait_for(task, SOON)


@pytest.fixture
def no_delays(monkeypatch):
    monkeypatch.setattr(runner, "FIRST_DELAY_SECONDS", 0.0)


async def test_work_that_is_done_is_gone():
    queue, handler, work = MemoryQueue(), Recorder(), item()

    await run(queue, handler, work)

    assert handler.runs == [work]
    assert queue._entries == {}


async def test_an_attempt_that_fails_is_tried_again(no_delays):
    queue, handler, work = MemoryQueue(), Recorder(failures=2), item()

    await run(queue, handler, work)

    assert handler.runs == [work] * 3
    assert queue._entries == {}


async def test_hopeless_work_is_given_up_and_becomes_a_dead_letter(no_delays):
    queue, handler, work = MemoryQueue(), Recorder(failures=99), item()

    await run(queue, handler, work)

    assert len(handler.runs) == MAX_ATTEMPTS
    assert handler.given_up == [work]
    assert queue.dead_letters == {work.id: "RuntimeError: on purpose"}


async def test_each_kind_of_work_says_how_often_it_is_tried(no_delays):
    queue, handler = MemoryQueue(), Recorder(failures=99)
    handler.max_attempts = 2

    await run(queue, handler, item())

    assert len(handler.runs) == 2


async def test_work_that_is_given_up_stands_in_the_log(no_delays):
    queue, work = MemoryQueue(), item()

    with capture_logs() as lines:
        await run(queue, Recorder(failures=99), work)

    (line,) = [line for line in lines if line["event"] == "work given up"]
    assert (line["work"], line["subject"], line["dead_letter"]) == (
        "test",
        str(work.subject_id),
        str(work.id),
    )


@pytest.mark.parametrize("attempt", [1, 10, 5_000])
def test_no_delay_is_longer_than_the_longest(attempt):
    assert 0 < runner.delay_seconds(attempt) <= runner.LONGEST_DELAY_SECONDS


async def test_what_cannot_pass_is_not_tried_again():
    def lasting(message):
        return StorageError(message, retryable=False)

    queue, handler = MemoryQueue(), Recorder(failures=99, error=lasting)

    await run(queue, handler, item())

    assert (len(handler.runs), len(handler.given_up)) == (1, 1)


async def test_what_this_worker_has_no_storage_for_waits_for_one_that_has(monkeypatch):
    monkeypatch.setattr(runner, "FOR_OTHERS_DELAY_SECONDS", 0.0)
    queue, handler = MemoryQueue(), Recorder(failures=MAX_ATTEMPTS - 1, error=StorageNotSetUpError)

    await run(queue, handler, item())

    assert (len(handler.runs), handler.given_up) == (MAX_ATTEMPTS, [])


async def test_x7_work_whose_workers_die_is_given_up_without_another_attempt():
    queue, handler, work = MemoryQueue(lease_seconds=0), Recorder(), item()
    await queue.publish([work])
    for _ in range(MAX_ATTEMPTS):
        await queue.consume(Topic.UPLOADS, 1)
    queue._lease_seconds = 30

    await run(queue, handler)

    assert (handler.runs, handler.given_up) == ([], [work])


async def test_x7_a_poison_item_blocks_no_other():
    class Poisoned(Recorder):
        async def run(self, item):
            if item is poison:
                raise RuntimeError("poison")
            await super().run(item)

    poison, work = item(), item()
    handler = Poisoned()

    await run(MemoryQueue(), handler, poison, work)

    assert handler.runs == [work]


async def test_x14_work_of_a_kind_from_the_future_waits_for_a_newer_worker():
    queue, handler, unknown = MemoryQueue(), Recorder(), item("from the future")

    await run(queue, handler, unknown, item())

    assert list(queue._entries) == [unknown.id]
    assert queue.dead_letters == {}


async def test_x9_work_in_hand_is_handed_back_when_the_grace_is_over():
    class Endless(Recorder):
        async def run(self, item):
            self.ended.set()
            await asyncio.Event().wait()

    queue, work = MemoryQueue(), item()

    await run(queue, Endless(), work, grace_seconds=0)

    (again,) = await asyncio.wait_for(queue.consume(Topic.UPLOADS, 1), SOON)
    assert (again.item, again.attempt) == (work, 1)


async def test_x9_work_in_hand_that_ends_within_the_grace_is_done():
    class Unhurried(Recorder):
        async def run(self, item):
            self.ended.set()
            for _ in range(100):
                await asyncio.sleep(0)
            self.runs.append(item)

    queue, handler, work = MemoryQueue(), Unhurried(), item()

    await run(queue, handler, work)

    assert (handler.runs, queue._entries) == ([work], {})


async def test_a_long_attempt_keeps_its_lease(monkeypatch):
    class Long(Recorder):
        async def run(self, item):
            await asyncio.sleep(0.3)
            await super().run(item)

    monkeypatch.setattr(runner, "HEARTBEAT_SECONDS", 0.02)
    handler = Long()

    await run(MemoryQueue(lease_seconds=0.1), handler, item(), concurrency=2)

    assert len(handler.runs) == 1


class DeafOnce(MemoryQueue):
    """Loses the first cancellation, as drivers do when what they waited for has just come."""

    async def consume(self, topic, most):
        try:
            return await super().consume(topic, most)
        except asyncio.CancelledError:
            return await super().consume(topic, most)


async def test_a_stop_is_heard_by_a_queue_that_loses_a_cancellation():
    working = Runner(DeafOnce(), Topic.UPLOADS, {}, 1)
    task = asyncio.create_task(working.run(SOON))
    await asyncio.sleep(0.1)  # it waits for work now

    working.stop()

    await asyncio.wait_for(task, SOON / 2)

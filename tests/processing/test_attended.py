"""Each attempt is counted, and its log lines say what they belong to, the runner's own included."""

from __future__ import annotations

import asyncio

import pytest
import structlog
from beanie import PydanticObjectId
from structlog.contextvars import clear_contextvars, merge_contextvars
from structlog.testing import capture_logs

from models.work import Topic
from processing.attended import Attendance
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from processing.runner import Runner

log = structlog.get_logger()


class Fails:
    """A handler that says something and gives up at once."""

    max_attempts = 1

    async def run(self, item):
        log.info("at work")
        raise LookupError

    async def give_up(self, item):
        log.info("giving up")


@pytest.fixture
def lines():
    with capture_logs([merge_contextvars]) as logged:
        yield logged
    clear_contextvars()


async def worked_off(handlers, *subjects):
    """A runner with one lane that takes up work about each subject."""
    queue = MemoryQueue()
    items = [WorkItem("develop", subject, PydanticObjectId(), PydanticObjectId()) for subject in subjects]
    await queue.publish(items)
    runner = Runner(queue, Topic.UPLOADS, handlers, 1)
    running = asyncio.create_task(runner.run(10))
    async with asyncio.timeout(10):
        while len(queue.dead_letters) < len(items):  # noqa: ASYNC110 - a runner tells nobody
            await asyncio.sleep(0.01)
    runner.stop()
    await running
    return items


async def test_every_line_of_an_attempt_names_its_item_and_its_subject(lines):
    attendance = Attendance({"develop": "image"})
    handlers = attendance.of({"develop": Fails()})
    items = await worked_off(handlers, PydanticObjectId(), PydanticObjectId())

    for item in items:
        own = [line["event"] for line in lines if line.get("item") == str(item.id)]
        assert own == ["at work", "attempt failed", "work given up", "giving up"]
    assert {(line["work"], line["image"]) for line in lines} == {
        ("develop", str(item.subject_id)) for item in items
    }
    counts = attendance.counts
    assert (counts.outcomes, counts.given_up) == ({("develop", "failed"): 2}, {"develop": 2})

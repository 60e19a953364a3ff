"""What is still to be done is counted as workers would find it."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

from models.backlog import IS_LATER, Backlog, Line, counting
from models.work import IS_READY, DeadLetter, Topic, Work

pytestmark = pytest.mark.mongo


@pytest.fixture(autouse=True)
async def _nothing_to_do(database):
    for kind in (Work, DeadLetter):
        await kind.delete_all()
    yield
    for kind in (Work, DeadLetter):
        await kind.delete_all()


def item(topic=Topic.UPLOADS) -> Work:
    return Work(
        id=PydanticObjectId(),
        topic=topic,
        kind="develop",
        subject_id=PydanticObjectId(),
        owner_id=PydanticObjectId(),
    )


async def test_nothing_to_do_is_nothing():
    assert await Backlog.read(1_000) == Backlog(dict.fromkeys(Topic, Line(0, 0, 0)), 0)


async def test_what_waits_what_is_leased_what_is_put_off_and_what_is_given_up():
    await Work.add([item(), item()], None, delay_seconds=-60)
    await Work.add([item(), item()], None)
    await Work.add([item()], None, delay_seconds=60)
    ready, _ = await Work.first_in_line(Topic.UPLOADS, 1)
    await Work.take(ready, "a lease", lease_seconds=60)
    await DeadLetter.keep(
        DeadLetter(
            **item().model_dump(include={"id", "kind", "subject_id", "owner_id"}),
            attempt_count=3,
            reason="It does not decode.",
        )
    )

    backlog = await Backlog.read(1_000)

    uploads = backlog.lines[Topic.UPLOADS]
    assert (uploads.ready, uploads.later, backlog.dead_letters) == (3, 2, 1)
    assert 60 <= uploads.oldest_ready_seconds < 90


async def test_each_topic_is_counted_by_itself():
    await Work.add([item(Topic.BATCHES), item(Topic.BATCHES)], None, delay_seconds=-5)
    await Work.add([item(Topic.LATER)], None, delay_seconds=60)

    lines = (await Backlog.read(1_000)).lines

    assert (lines[Topic.UPLOADS].ready, lines[Topic.BATCHES].ready, lines[Topic.LATER].later) == (0, 2, 1)
    assert lines[Topic.UPLOADS].oldest_ready_seconds == 0 < lines[Topic.BATCHES].oldest_ready_seconds


@pytest.mark.parametrize("which", [IS_READY, IS_LATER])
async def test_only_what_is_counted_is_read(database, which):
    command = {"aggregate": "work", "pipeline": counting(which), "cursor": {}}

    plan = str(await database.command("explain", command, verbosity="queryPlanner"))

    assert "'IXSCAN'" in plan
    assert "'COLLSCAN'" not in plan

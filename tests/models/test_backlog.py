"""What is still to be done is counted as workers would find it."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

from models.backlog import IS_LATER, Backlog, counting
from models.work import IS_READY, DeadLetter, Topic, Work

pytestmark = pytest.mark.mongo


@pytest.fixture(autouse=True)
async def _nothing_to_do(database):
    for kind in (Work, DeadLetter):
        await kind.delete_all()
    yield
    for kind in (Work, DeadLetter):
        await kind.delete_all()


def item() -> Work:
    return Work(
        id=PydanticObjectId(), kind="develop", subject_id=PydanticObjectId(), owner_id=PydanticObjectId()
    )


async def test_nothing_to_do_is_nothing():
    assert await Backlog.read(1_000) == Backlog(0, 0, 0, 0)


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

    assert (backlog.ready, backlog.later, backlog.dead_letters) == (3, 2, 1)
    assert 60 <= backlog.oldest_ready_seconds < 90


@pytest.mark.parametrize("which", [IS_READY, IS_LATER])
async def test_only_what_is_counted_is_read(database, which):
    command = {"aggregate": "work", "pipeline": counting(which), "cursor": {}}

    plan = str(await database.command("explain", command, verbosity="queryPlanner"))

    assert "'IXSCAN'" in plan
    assert "'COLLSCAN'" not in plan

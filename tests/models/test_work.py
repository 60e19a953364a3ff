"""Work as it lies there: what is known stays as it is, and taking it is cheap however much there is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from beanie import PydanticObjectId

from models import work
from models.work import IS_READY, Topic, Work

pytestmark = pytest.mark.mongo


async def test_the_next_item_is_found_by_the_index_of_dates(database):
    ready = {"topic": Topic.UPLOADS, **IS_READY}

    plan = await Work.get_pymongo_collection().find(ready).sort("ready_at", 1).limit(1).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "'IXSCAN'" in stages
    assert "'SORT'" not in stages
    assert "[MinKey, new Date(" in stages  # nothing behind this moment is looked at


def item():
    work_id, subject_id, owner_id = (PydanticObjectId() for _ in range(3))
    return Work(id=work_id, kind="develop", subject_id=subject_id, owner_id=owner_id)


async def test_x6_an_item_that_is_known_stays_as_it_is(database):
    known = item()
    await Work.add([known], None, delay_seconds=60)
    before = await Work.get(known.id)

    await Work.add([known.model_copy(update={"kind": "purge_image"})], None)

    assert await Work.get(known.id) == before
    await before.delete()


async def test_x11_dates_are_mongodbs_own_whatever_the_clock_here_says(database, monkeypatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=1)

    await Work.find({}).delete()
    monkeypatch.setattr(work, "datetime", Ahead)
    added = item()

    await Work.add([added], None)

    ready, _ = await Work.first_in_line(Topic.UPLOADS, 1)
    assert [found.id for found in ready] == [added.id]
    await Work.find({}).delete()

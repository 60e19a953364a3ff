"""Work as it lies there: what is known stays as it is, and taking it is cheap however much there is."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

from models.work import IS_READY, Topic, Work

pytestmark = pytest.mark.mongo


async def test_the_next_item_is_found_by_the_index_of_dates(database):
    ready = {"topic": Topic.UPLOADS, **IS_READY}

    plan = await Work.get_pymongo_collection().find(ready).sort("ready_at", 1).limit(1).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "'IXSCAN'" in stages
    assert "'SORT'" not in stages
    assert "[MinKey, new Date(" in stages  # nothing behind this moment is looked at


async def test_x6_an_item_that_is_known_stays_as_it_is(database):
    owner_id, subject_id, work_id = (PydanticObjectId() for _ in range(3))
    known = Work(id=work_id, kind="develop", subject_id=subject_id, owner_id=owner_id)
    await Work.add([known], None, delay_seconds=60)
    before = await Work.get(work_id)

    await Work.add([known.model_copy(update={"kind": "purge_image"})], None)

    assert await Work.get(work_id) == before
    await before.delete()

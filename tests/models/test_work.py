"""Taking work is cheap however much of it lies there."""

from __future__ import annotations

import pytest

from models.work import IS_READY, Topic, Work

pytestmark = pytest.mark.mongo


async def test_the_next_item_is_found_by_the_index_of_dates(database):
    ready = {"topic": Topic.UPLOADS, **IS_READY}

    plan = await Work.get_pymongo_collection().find(ready).sort("ready_at", 1).limit(1).explain()

    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "'IXSCAN'" in stages
    assert "'SORT'" not in stages
    assert "[MinKey, new Date(" in stages  # nothing behind this moment is looked at

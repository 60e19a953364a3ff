"""However much waits, handing out work and looking for it reads about what it gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.batch import IN_TURN, WORKING, Batch
from models.batch_item import BatchItem
from models.batch_unit import DUE_FIRST, BatchUnit
from models.work import IS_READY
from tests.processing.batches.batches import hand_out, postponed

pytestmark = pytest.mark.mongo
SOME = 500


async def explained(kind, **command):
    plan = await kind.get_pymongo_collection().database.command(
        "explain", {**command}, verbosity="executionStats"
    )
    stats = plan["executionStats"]
    return str(plan["queryPlanner"]["winningPlan"]), stats["totalKeysExamined"], stats["totalDocsExamined"]


@pytest.fixture
async def crowd(expanded, queue, outcomes):
    """A batch of many units, of which one waits to come due, three are due, and four are in hand."""
    batch = await expanded(*[[f"{number}"] for number in range(SOME)])
    units = await hand_out(batch, queue, window=8)
    now = datetime.now(UTC)
    for unit, seconds in zip(units, (3_600, -1, -2, -3), strict=False):
        await outcomes.end(postponed(unit, now + timedelta(seconds=seconds)))
    return batch


def stages_without(plan, *unwanted):
    return [stage for stage in unwanted if f"'{stage}'" in plan]


async def test_the_next_units_are_a_range_of_an_index(crowd):
    wanted = {"batch_id": crowd.id, "state": "PENDING", "round": 1, **IS_READY}

    plan, keys, documents = await explained(
        BatchUnit, find=BatchUnit.Settings.name, filter=wanted, sort=dict(DUE_FIRST), limit=5
    )

    assert stages_without(plan, "COLLSCAN", "SORT") == []
    assert (keys <= 7, documents <= 6) == (True, True)


async def test_what_is_in_hand_is_counted_without_a_look_at_what_waits(crowd):
    wanted = {"owner_id": crowd.owner_id, "state": "RUNNING"}

    plan, keys, documents = await explained(BatchUnit, count=BatchUnit.Settings.name, query=wanted)

    assert "COLLSCAN" not in plan
    assert (keys <= 5, documents <= 4) == (True, True)


async def test_the_batches_whose_turn_it_is_are_read_in_order(crowd, expanded):
    for _ in range(5):
        await expanded("a")

    plan, keys, documents = await explained(
        Batch,
        find=Batch.Settings.name,
        filter={**WORKING, "owner_id": crowd.owner_id},
        sort=dict(IN_TURN),
        limit=2,
    )

    assert stages_without(plan, "COLLSCAN", "SORT") == []
    assert (keys, documents) == (2, 2)


async def test_the_items_of_units_are_found_by_their_units(crowd):
    item = await BatchItem.find_one({"batch_id": crowd.id})

    plan, keys, documents = await explained(
        BatchItem,
        find=BatchItem.Settings.name,
        filter={"unit_id": {"$in": [item.unit_id]}, "state": "RUNNING"},
    )

    assert "COLLSCAN" not in plan
    assert (keys <= 2, documents <= 1) == (True, True)

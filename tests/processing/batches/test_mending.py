"""A unit that is in nobody's hands is found, and only such a one."""

from __future__ import annotations

import pytest

from models.batch import Counts
from models.work import Work
from processing.batches.mending import Mender
from tests.processing.batches.batches import exact, hand_out, succeeded

pytestmark = pytest.mark.mongo


async def test_a_unit_whose_work_is_lost_is_handed_out_again(expanded, queue, outcomes):
    batch = await expanded("abb")
    lost, kept = await hand_out(batch, queue)
    await Work.find({"_id": lost.ticket}).delete()

    await Mender(outcomes).hand_out_again()

    assert (await exact(batch)).counts == Counts(total=3, pending=1, running=2)
    again = {unit.id: unit for unit in await hand_out(batch, queue)}
    assert (again[lost.id].tries, again[kept.id].ticket) == (2, kept.ticket)


async def test_a_unit_that_ends_meanwhile_is_left_alone(expanded, queue, outcomes, monkeypatch):
    batch, known = await expanded("a"), Work.known
    [unit] = await hand_out(batch, queue)

    async def end_before(work_ids):
        await outcomes.end(succeeded(unit))
        await Work.find({"_id": unit.ticket}).delete()
        return await known(work_ids)

    monkeypatch.setattr(Work, "known", end_before)
    await Mender(outcomes).hand_out_again()

    assert (await exact(batch)).counts.succeeded == 1


async def test_what_is_in_hand_stays_there(expanded, queue, outcomes):
    batch = await expanded("ab")
    before = await hand_out(batch, queue)

    await Mender(outcomes).hand_out_again()

    assert await hand_out(batch, queue) == before

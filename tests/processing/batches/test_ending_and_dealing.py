"""The transaction that ends units hands out the next ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models.batch import Counts
from models.turn import Turn
from models.work import Work
from processing.batches import dealing
from processing.batches import outcomes as ends
from processing.batches.outcomes import Outcomes
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, letters, postponed, succeeded

pytestmark = pytest.mark.mongo
TEN = "abcdefghij"


async def test_the_transaction_that_ends_units_hands_out_the_next_ones(expanded, queue):
    batch, woken = await expanded(TEN), []
    a, b, c, d = await hand_out(batch, queue, window=4)
    outcomes = Outcomes(queue, dealing.Window(8), woken.append)

    await asyncio.gather(outcomes.end(succeeded(a)), outcomes.end(failed(b)))

    units = await batches.running(batch)
    assert letters(units) == "cdefghij"
    assert (await exact(batch)).counts == Counts(total=10, pending=0, running=8, succeeded=1, failed=1)
    assert await Work.find({"_id": {"$in": [unit.ticket for unit in units]}}).count() == 8
    assert woken == []
    known = {unit.ticket: outcomes.dealt(unit.ticket) for unit in units}
    assert [known.pop(unit.ticket) for unit in (c, d)] == [None, None]
    assert all(known[unit.ticket][0] == unit for unit in units if unit.ticket in known)


async def test_an_owner_whose_turns_are_not_counted_yet_is_left_to_the_dispatcher(expanded, queue):
    batch, woken = await expanded(TEN), []
    [a] = await hand_out(batch, queue, window=1)
    await Turn.forget_owner(batch.owner_id)

    await Outcomes(queue, dealing.Window(4), woken.append).end(succeeded(a))

    assert woken == [batch.owner_id]
    assert (await exact(batch)).counts == Counts(total=10, pending=9, succeeded=1)


async def test_a_unit_waits_for_those_in_hand_and_for_nobody_else(expanded, queue, monkeypatch):
    monkeypatch.setattr(ends, "COMPANY_SECONDS", 60.0)
    batch = await expanded("abc")
    a, b, c = await hand_out(batch, queue)
    outcomes = Outcomes(queue)

    with outcomes.announced(a.ticket), outcomes.announced(b.ticket):
        ending = asyncio.create_task(outcomes.end(succeeded(a)))
        await asyncio.sleep(0.1)
        assert not ending.done()
        await asyncio.wait_for(asyncio.gather(ending, outcomes.end(succeeded(b))), 20)
    await asyncio.wait_for(outcomes.end(succeeded(c)), 20)

    assert (await exact(batch)).counts.succeeded == 3


async def test_what_failed_for_now_and_is_handed_out_anew_at_once_counts_once(expanded, queue):
    batch = await expanded("abc")
    a, b = await hand_out(batch, queue, window=2)
    outcomes = Outcomes(queue, dealing.Window(2))

    with outcomes.announced(a.ticket), outcomes.announced(b.ticket):
        await asyncio.gather(
            outcomes.end(succeeded(a)), outcomes.end(postponed(b, datetime.now(UTC) - timedelta(hours=1)))
        )

    assert (await exact(batch)).counts == Counts(total=3, pending=0, running=2, succeeded=1)
    told = [event.counts.model_dump() for event in await batches.log(batch)]
    assert min(count for counts in told for count in counts.values()) == 0

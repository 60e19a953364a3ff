"""A batch is paused, resumed and cancelled in one step each, exactly, also in the middle of its work."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId

from errors import WrongStateError
from models.batch import BatchState, Counts
from models.work import Work
from processing.batches import controls
from processing.batches.controls import DISPATCH, cancel, pause, resume, retry
from processing.batches.ledger import CONCLUDE
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, succeeded

pytestmark = pytest.mark.mongo


async def test_what_is_in_hand_when_a_batch_is_paused_ends_as_it_ends(expanded, queue, outcomes):
    batch = await expanded("abc")
    a, b = await hand_out(batch, queue, window=2)

    paused = await pause(batch.owner_id, batch.id, queue)
    await outcomes.end(succeeded(a))
    await outcomes.end(failed(b))

    batch = await exact(batch)
    assert (paused.state, batch.state) == (BatchState.PAUSED, BatchState.PAUSED)
    assert batch.counts == Counts(total=3, pending=1, succeeded=1, failed=1)
    assert (await batches.log(batch))[1].item_id is None


async def test_a_paused_batch_of_which_all_was_in_hand_ends(expanded, queue, outcomes):
    batch = await expanded("a")
    [unit] = await hand_out(batch, queue)
    await pause(batch.owner_id, batch.id, queue)

    await outcomes.end(succeeded(unit))

    assert (await exact(batch)).state is BatchState.COMPLETED


async def test_a_resumed_batch_goes_on_and_a_worker_is_told(expanded, queue):
    batch = await expanded("abc")
    await pause(batch.owner_id, batch.id, queue)

    assert (await resume(batch.owner_id, batch.id, queue)).state is BatchState.RUNNING

    assert [work.owner_id for work in await Work.find({"kind": DISPATCH}).to_list()] == [batch.owner_id]
    assert len(await hand_out(batch, queue)) == 3
    assert [event.state for event in await batches.log(batch)] == ["RUNNING", "PAUSED", "RUNNING"]


async def test_only_the_time_of_work_counts_for_what_is_left(expanded, queue):
    batch = await expanded("abc")
    paused = await pause(batch.owner_id, batch.id, queue)
    resumed = await resume(batch.owner_id, batch.id, queue)

    assert paused.pace.since is None
    assert resumed.pace.since
    assert resumed.pace.seconds == paused.pace.seconds


async def test_a_cancelled_batch_without_work_in_hand_is_finished_at_once(expanded, queue):
    batch = await expanded("abc")

    await cancel(batch.owner_id, batch.id, queue)

    batch = await exact(batch)
    assert (batch.state, batch.counts, batch.is_finished) == (
        BatchState.CANCELLED,
        Counts(total=3, pending=0, cancelled=3),
        True,
    )
    assert [(event.item_id, event.is_last) for event in await batches.log(batch)] == [
        (None, False),
        (None, True),
    ]
    assert await Work.find({"kind": CONCLUDE}).count() == 1


async def test_what_is_in_hand_when_a_batch_is_cancelled_ends_as_it_ends(expanded, queue, outcomes):
    batch = await expanded("abc")
    a, b = await hand_out(batch, queue, window=2)

    cancelled = await cancel(batch.owner_id, batch.id, queue)
    assert (cancelled.counts, cancelled.is_finished) == (
        Counts(total=3, pending=0, running=2, cancelled=1),
        False,
    )
    await outcomes.end(succeeded(a))
    await outcomes.end(failed(b))

    batch = await exact(batch)
    assert batch.counts == Counts(total=3, pending=0, succeeded=1, failed=1, cancelled=1)
    assert (batch.state, batch.is_finished) == (BatchState.CANCELLED, True)


async def test_a_batch_that_was_never_expanded_is_cancelled_exactly(submit, queue):
    batch = await submit("abc")

    await cancel(batch.owner_id, batch.id, queue)

    assert (await exact(batch)).counts.cancelled == 3


@pytest.mark.parametrize("change", [pause, resume, cancel])
async def test_a_change_that_was_made_already_answers_with_the_batch(expanded, queue, change):
    batch = await expanded("abc")
    first = await change(batch.owner_id, batch.id, queue)

    again = await change(batch.owner_id, batch.id, queue)

    assert (again.state, again.sequence) == (first.state, first.sequence)


@pytest.mark.parametrize("change", [pause, resume, cancel])
async def test_a_finished_batch_is_changed_no_more(finished, queue, change):
    batch = await finished(succeeded)

    with pytest.raises(WrongStateError, match="A batch that is COMPLETED cannot be") as caught:
        await change(batch.owner_id, batch.id, queue)

    assert caught.value.state == "COMPLETED"


@pytest.mark.parametrize("change", [pause, resume])
async def test_a_cancelled_batch_does_not_come_back(expanded, queue, change):
    batch = await expanded("abc")
    await cancel(batch.owner_id, batch.id, queue)

    with pytest.raises(WrongStateError):
        await change(batch.owner_id, batch.id, queue)


@pytest.mark.parametrize("change", [pause, resume, cancel, retry])
async def test_nobody_changes_anothers_batch(expanded, queue, change):
    batch = await expanded("a")

    assert await change(PydanticObjectId(), batch.id, queue) is None
    assert (await batches.fresh(batch)).sequence == 1


async def test_units_that_end_while_their_batch_is_cancelled_are_counted_once(expanded, queue, outcomes):
    for _ in range(5):
        batch = await expanded("abcdef")
        units = await hand_out(batch, queue, window=4)

        await asyncio.gather(
            *(outcomes.end(succeeded(unit)) for unit in units), cancel(batch.owner_id, batch.id, queue)
        )

        batch = await exact(batch)
        assert batch.counts == Counts(total=6, pending=0, succeeded=4, cancelled=2)


async def test_a_batch_is_cancelled_while_it_is_expanded_and_worked_on(submit, storage, queue, outcomes):
    for _ in range(5):
        batch = await submit(*["ab", "bc", "ca", "de"] * 3)

        async def work(batch=batch):
            while not (await batches.fresh(batch)).is_finished:
                for unit in await hand_out(batch, queue, window=2):
                    await outcomes.end(succeeded(unit))

        async def stop(batch=batch):
            await asyncio.sleep(0.05)
            await controls.cancel_unless_finished(batch.owner_id, batch.id, queue)

        async with asyncio.timeout(30):
            await asyncio.gather(batches.expand(batch, storage, queue, items_per_chunk=2), work(), stop())

        assert (await exact(batch)).is_finished

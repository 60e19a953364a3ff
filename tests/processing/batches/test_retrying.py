"""What failed in a batch is tried again in a round of its own, whose end is an end like the first."""

from __future__ import annotations

import asyncio

import pytest

from errors import WrongStateError
from models.batch import Batch, BatchState, Counts
from models.batch_event import BatchEvent
from models.batch_item import BatchItem, BatchItemState
from models.event import KEPT_AFTER_END
from processing.batches import controls
from processing.batches.conclude import ConcludeBatch
from processing.batches.controls import cancel, pause, retry
from processing.batches.dealing import deal
from processing.batches.ledger import conclusion
from processing.queue.memory import MemoryQueue
from processing.webhooks.announce import Announcer
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, succeeded

pytestmark = pytest.mark.mongo


async def nothing_said(_):
    raise AssertionError("the batch has no webhook")


async def conclude(batch):
    await ConcludeBatch(Announcer(MemoryQueue(), nothing_said)).run(conclusion(batch))


async def expiries(batch):
    return {event.expires_at for event in await batches.log(batch)}


async def test_only_what_failed_is_tried_again_and_the_end_is_told_again(finished, queue, outcomes):
    batch = await finished(succeeded, failed, failed)
    before = batch.sequence

    retried = await retry(batch.owner_id, batch.id, queue)

    batch = await exact(batch)
    assert (retried.count, batch.counts) == (2, Counts(total=3, pending=2, succeeded=1))
    assert (batch.state, batch.finished_at, batch.round, batch.sequence) == (
        BatchState.RUNNING,
        None,
        2,
        before + 1,
    )
    assert (batch.pace.seconds, batch.pace.ended_before) == (0, 1)
    states = [
        item.state_in(batch)
        for item in await BatchItem.find({"batch_id": batch.id}, sort="position").to_list()
    ]
    assert states == ["SUCCEEDED", "PENDING", "PENDING"]
    for unit in await hand_out(batch, queue):
        await outcomes.end(succeeded(unit))
    batch = await exact(batch)
    assert batch.state is BatchState.COMPLETED
    assert sum(event.is_last for event in await batches.log(batch)) == 2


async def test_what_fails_in_every_round_is_tried_in_every_round(finished, queue, outcomes):
    batch = await finished(failed, succeeded)

    for number in (2, 3):
        await retry(batch.owner_id, batch.id, queue)
        [unit] = await hand_out(batch, queue)
        assert (unit.round, unit.attempt_count) == (number, number)
        await outcomes.end(failed(unit))
        assert (await exact(batch)).state is BatchState.COMPLETED_WITH_ERRORS


async def test_what_waited_to_be_tried_again_is_cancelled_with_its_batch(finished, queue):
    batch = await finished(failed, failed, succeeded)
    await retry(batch.owner_id, batch.id, queue)
    await hand_out(batch, queue, window=1)

    batch = await cancel(batch.owner_id, batch.id, queue)

    await exact(batch)
    items = await BatchItem.find({"batch_id": batch.id}, sort="position").to_list()
    assert [item.state_in(batch) for item in items] == ["RUNNING", "CANCELLED", "SUCCEEDED"]
    assert items[1].state is BatchItemState.FAILED


async def test_only_a_batch_that_ended_with_errors_is_tried_again(expanded, finished, queue):
    running, paused, cancelled = [await expanded("a") for _ in range(3)]
    await pause(paused.owner_id, paused.id, queue)
    await cancel(cancelled.owner_id, cancelled.id, queue)

    for batch in (running, paused, cancelled, await finished(succeeded)):
        with pytest.raises(WrongStateError):
            await retry(batch.owner_id, batch.id, queue)
        await exact(batch)


async def test_the_log_of_a_finished_batch_expires_and_that_of_a_retried_one_does_not(finished, queue):
    batch = await finished(failed)
    await conclude(batch)
    [expires_at] = await expiries(batch)
    assert expires_at == batch.finished_at + KEPT_AFTER_END

    await retry(batch.owner_id, batch.id, queue)
    await conclude(batch)

    assert await expiries(batch) == {None}


async def test_a_retry_while_its_batch_is_concluded_keeps_the_log(finished, queue, monkeypatch):
    batch, keep = await finished(failed), BatchEvent.keep

    async def keep_late(batch_id, finished_at):
        if finished_at:
            await retry(batch.owner_id, batch.id, queue)
            await conclude(batch)
        await keep(batch_id, finished_at)

    monkeypatch.setattr(BatchEvent, "keep", keep_late)
    await conclude(batch)

    assert await expiries(batch) == {None}


async def test_a_batch_that_is_gone_is_concluded_in_vain(finished):
    batch = await finished(failed)
    await batch.delete()

    await conclude(batch)

    assert await Batch.get(batch.id) is None


async def test_a_retry_and_a_hand_out_at_once_agree(finished, queue):
    batch = await finished(failed, failed, succeeded)

    await asyncio.gather(
        controls.retry(batch.owner_id, batch.id, queue), *(deal(batch.owner_id, 2, queue) for _ in range(4))
    )

    await exact(batch)
    assert len(await hand_out(batch, queue)) == 2

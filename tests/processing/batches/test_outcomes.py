"""Units end once, all their items with them, and the counters, the log and the documents never disagree."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

import failpoints
from errors import DuplicateImageError, ImageGoneError, LeaseLostError
from models.batch import BatchState, Counts
from models.batch_item import BatchItem, BatchItemState
from models.image import Image, Variant
from models.tally import Share, Tally
from models.work import Topic, Work
from processing.batches import controls
from processing.batches.ledger import CONCLUDE
from processing.batches.outcomes import ADORN, Ending, Joined, Succeeded
from processing.quota import Needless
from processing.register import Entry
from tests.processing.batches import batches
from tests.processing.batches.batches import exact, failed, hand_out, postponed, succeeded

pytestmark = pytest.mark.mongo
COMPRESSED = Variant(
    name="compressed", key="variants/x", media_type="image/jpeg", width_px=1, height_px=1, size_bytes=400
)


def joining(unit, image, variant=COMPRESSED):
    return Ending(unit, unit.ticket, Succeeded(Joined(image, variant), 1_000, 400, kept_original=False))


async def test_all_items_of_an_address_end_together_each_with_an_event(expanded, queue, outcomes):
    batch = await expanded(["a", "a"], ["b", "a"])
    first, _ = await hand_out(batch, queue)

    await outcomes.end(succeeded(first))

    batch = await exact(batch)
    assert batch.counts == Counts(total=4, pending=0, running=1, succeeded=3)
    assert (batch.bytes_in, batch.bytes_out) == (3_000, 1_200)
    assert [event.counts.succeeded for event in await batches.log(batch)] == [0, 1, 2, 3]


async def test_what_a_new_image_brings_with_it_is_written_too(expanded, queue, outcomes, owner_id):
    batch = await expanded(["a"])
    [unit] = await hand_out(batch, queue)
    ending = succeeded(unit)

    await outcomes.end(ending)

    image = await Image.get(ending.outcome.source.image.id)
    assert image.batch_ids == [batch.id]
    assert await Tally.of_owner(owner_id) == Share(image_count=0, stored_bytes=1_000)
    adornments = await Work.find({"kind": ADORN}).to_list()
    assert [(work.subject_id, work.topic) for work in adornments] == [(image.id, Topic.LATER)]


async def test_a_batch_ends_as_its_items_have(expanded, queue, outcomes):
    ends = {}
    for name, endings in {
        "COMPLETED": [succeeded, succeeded],
        "COMPLETED_WITH_ERRORS": [succeeded, failed],
        "FAILED": [failed, failed],
    }.items():
        batch = await expanded(["a", "b"])
        units = await hand_out(batch, queue)
        for unit, end in zip(units, endings, strict=True):
            await outcomes.end(end(unit))
        ends[name] = await exact(batch)

    assert {name: batch.state.value for name, batch in ends.items()} == {name: name for name in ends}
    for batch in ends.values():
        events = await batches.log(batch)
        assert [event.is_last for event in events] == [False, False, False, True]
        assert (events[-1].item_id, events[-1].eta_seconds, batch.pace.since) == (None, None, None)
        assert await Work.find({"kind": CONCLUDE, "subject_id": batch.id}).count() == 1


async def test_endings_of_one_batch_in_one_group_are_counted_together(expanded, queue, outcomes):
    batch, other = await expanded([*"abc"]), await expanded([*"de"])
    units = [*await hand_out(batch, queue), *await batches.running(other)]

    await asyncio.gather(*(outcomes.end(succeeded(unit)) for unit in units))

    assert (await exact(batch)).state is BatchState.COMPLETED
    assert (await exact(other)).state is BatchState.COMPLETED


async def test_an_ending_that_comes_late_changes_nothing_and_holds_up_nobody(expanded, queue, outcomes):
    batch = await expanded(["a", "b"])
    late, good = await hand_out(batch, queue)
    wrong = Ending(late, PydanticObjectId(), succeeded(late).outcome)

    ended = await asyncio.gather(outcomes.end(wrong), outcomes.end(succeeded(good)), return_exceptions=True)

    assert [type(each) for each in ended] == [LeaseLostError, type(None)]
    assert (await exact(batch)).counts == Counts(total=2, pending=0, running=1, succeeded=1)


async def test_a_unit_that_two_end_at_once_ends_once(expanded, queue, outcomes):
    batch = await expanded(["a"])
    [unit] = await hand_out(batch, queue)

    ended = await asyncio.gather(
        outcomes.end(succeeded(unit)), outcomes.end(failed(unit)), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in ended) == ["LeaseLostError", "NoneType"]
    assert (await exact(batch)).counts.ended == 1


async def test_two_addresses_with_the_same_bytes_never_become_two_images(expanded, queue, outcomes, owner_id):
    batch = await expanded(["a", "b"])
    one, two = await hand_out(batch, queue)
    same = [batches.image(owner_id, "same", batch.id) for _ in range(2)]
    endings = [
        Ending(unit, unit.ticket, Succeeded(Entry(image, Needless(), None), 1_000, 400, kept_original=False))
        for unit, image in zip((one, two), same, strict=True)
    ]

    ended = await asyncio.gather(*(outcomes.end(each) for each in endings), return_exceptions=True)

    assert sorted(type(each).__name__ for each in ended) == ["DuplicateImageError", "NoneType"]
    assert isinstance(ended[1], DuplicateImageError)
    await outcomes.end(joining(two, same[0], variant=None))
    assert (await exact(batch)).state is BatchState.COMPLETED


async def test_an_image_is_joined_once_with_a_variant_that_two_have_made(expanded, queue, outcomes, owner_id):
    batch = await expanded(["a", "b"])
    one, two = await hand_out(batch, queue)
    image = batches.image(owner_id, "had before")
    image.batch_ids = []
    await image.insert()

    ended = await asyncio.gather(
        outcomes.end(joining(one, image)), outcomes.end(joining(two, image)), return_exceptions=True
    )

    assert [type(each) for each in ended] == [type(None), ImageGoneError]
    await outcomes.end(joining(two, image, variant=None))
    image = await Image.get(image.id)
    assert (image.batch_ids, len(image.variants)) == ([batch.id], 1)
    assert (await exact(batch)).state is BatchState.COMPLETED


async def test_what_is_postponed_waits_again_without_an_event(expanded, queue, outcomes):
    batch = await expanded(["a", "b"])
    unit, _ = await hand_out(batch, queue)
    later = datetime.now(UTC) + timedelta(minutes=1)

    await outcomes.end(postponed(unit, later))

    batch = await exact(batch)
    assert (batch.counts.pending, batch.counts.running, batch.sequence) == (1, 1, 1)
    item = await BatchItem.find_one({"unit_id": unit.id})
    assert (item.state, item.attempt_count, item.failure) == (BatchItemState.PENDING, 1, batches.SLOW)
    assert [unit.url[-1] for unit in await hand_out(batch, queue)] == ["b"]


async def test_what_is_postponed_in_a_cancelled_batch_is_cancelled(expanded, queue, outcomes):
    batch = await expanded(["a", "b"])
    [unit] = await hand_out(batch, queue, window=1)
    await controls.cancel(batch.owner_id, batch.id, queue)

    await outcomes.end(postponed(unit, datetime.now(UTC)))

    batch = await exact(batch)
    assert (batch.state, batch.counts.cancelled) == (BatchState.CANCELLED, 2)
    assert batch.is_finished


async def test_nothing_has_changed_when_a_group_fails_before_its_commit(expanded, queue, outcomes):
    batch = await expanded(["a"])
    [unit] = await hand_out(batch, queue)
    failpoints.arm(failpoints.parsed("batch.ending:error"))

    with pytest.raises(failpoints.InjectedError):
        await outcomes.end(succeeded(unit))

    assert (await exact(batch)).counts.running == 1
    failpoints.arm([])
    await outcomes.end(succeeded(unit))
    assert (await exact(batch)).state is BatchState.COMPLETED


async def test_a_unit_whose_batch_is_gone_ends_nothing(expanded, queue, outcomes):
    batch = await expanded(["a"])
    [unit] = await hand_out(batch, queue)
    await batch.delete()
    ending = succeeded(unit)

    with pytest.raises(LeaseLostError):
        await outcomes.end(ending)

    assert await Image.get(ending.outcome.source.image.id) is None

"""A deleted batch is gone at once and entirely in the end; what somebody else uses of it stays."""

from __future__ import annotations

import pytest
from beanie import PydanticObjectId

import failpoints
from errors import WrongStateError
from failpoints import InjectedError
from models.batch import Batch
from models.batch_event import BatchEvent
from models.batch_item import BatchItem
from models.batch_unit import BatchUnit
from models.change import Change
from models.departed_batch import DepartedBatch
from models.image import Image, Shelf
from models.leftover import Leftover
from models.product import Product
from models.tally import Share, Tally
from models.turn import Turn
from models.work import Work
from processing import purge
from processing.batches import controls, deletion, forgetting
from processing.batches.deletion import DELETE_BATCH, DeleteBatch
from processing.batches.outcomes import Ending, Joined, Succeeded
from processing.purge import PURGE_IMAGE, PurgeAccount
from tests.processing.batches import batches
from tests.processing.batches.batches import failed, hand_out, succeeded

pytestmark = pytest.mark.mongo


@pytest.fixture
def finished(expanded, queue, outcomes):
    """A batch whose images have all succeeded, and those."""

    async def run(names="ab"):
        batch = await expanded(names)
        endings = [succeeded(unit) for unit in await hand_out(batch, queue)]
        for ending in endings:
            await outcomes.end(ending)
        return batch, [ending.outcome.source.image for ending in endings]

    return run


@pytest.fixture
def delete(queue):
    """Deletes, and does the work that is left then."""

    async def run(batch, *, with_images):
        assert await deletion.delete(batch.owner_id, batch.id, queue, with_images=with_images)
        await work(batch, queue)

    return run


async def work(batch, queue):
    await DeleteBatch(queue).run(deletion._work(batch.owner_id, batch.id))


async def left(batch):
    found = [
        await kind.find({"batch_id": batch.id}).count()
        for kind in (Product, BatchItem, BatchUnit, BatchEvent)
    ]
    return [*found, await DepartedBatch.find({"_id": batch.id}).count()]


async def test_nothing_of_a_deleted_batch_is_left(finished, delete, owner_id):
    batch, _ = await finished()
    other, _ = await finished("cd")

    await delete(batch, with_images=False)

    assert await left(batch) == [0, 0, 0, 0, 0]
    assert await left(other) == [1, 2, 2, 4, 0]
    leftovers = await Leftover.find({"owner_id": owner_id}).to_list()
    assert [leftover.stored_at for leftover in leftovers] == [batch.manifest]


async def test_it_is_gone_from_the_list_before_its_rows_are(finished, queue, owner_id):
    batch, _ = await finished()

    await deletion.delete(owner_id, batch.id, queue, with_images=True)

    assert await Batch.of_owner(owner_id, batch.id) is None
    assert await DepartedBatch.of_owner(owner_id) == [batch.id]
    assert await Work.find({"kind": DELETE_BATCH, "subject_id": batch.id}).count() == 2
    assert not await deletion.delete(owner_id, batch.id, queue, with_images=True)


async def test_its_images_come_into_the_gallery_when_they_are_to_stay(finished, delete, owner_id):
    batch, images = await finished()

    await delete(batch, with_images=False)

    for image in images:
        kept = await Image.get(image.id)
        assert (kept.shelf, kept.batch_ids, kept.storage) == (Shelf.GALLERY, [], image.storage)
    assert await Tally.of_owner(owner_id) == Share(image_count=2, stored_bytes=2_000)
    changes = await Change.find({"owner_id": owner_id}).to_list()
    assert {(change.image_id, change.kind) for change in changes} == {(image.id, "ADDED") for image in images}


async def test_its_images_are_deleted_with_it_when_they_are_to_go(finished, delete, owner_id):
    batch, images = await finished()

    await delete(batch, with_images=True)

    assert await Image.find({"owner_id": owner_id}).count() == 0
    assert await Tally.of_owner(owner_id) == Share()
    purges = await Work.find({"kind": PURGE_IMAGE, "owner_id": owner_id}).to_list()
    assert {item.subject_id for item in purges} == {image.id for image in images}
    assert await Change.find({"owner_id": owner_id}).count() == 0


@pytest.mark.parametrize("with_images", [True, False])
async def test_an_image_that_another_batch_uses_stays_there(
    finished, expanded, queue, outcomes, delete, with_images
):
    batch, [image] = await finished("a")
    other = await expanded("b")
    [unit] = await hand_out(other, queue)
    await outcomes.end(
        Ending(unit, unit.ticket, Succeeded(Joined(image, None), 1_000, 400, kept_original=False))
    )

    await delete(batch, with_images=with_images)

    kept = await Image.get(image.id)
    assert (kept.shelf, kept.batch_ids) == (Shelf.BATCH, [other.id])
    await delete(other, with_images=with_images)
    assert (await Image.get(image.id) is None) == with_images


@pytest.mark.parametrize("shelf", [Shelf.GALLERY, Shelf.TRASH])
async def test_an_image_that_its_owner_had_otherwise_stays_where_it_is(finished, delete, shelf):
    batch, [image] = await finished("a")
    await Image.find({"_id": image.id}).update({"$set": {"shelf": shelf}})

    await delete(batch, with_images=True)

    kept = await Image.get(image.id)
    assert (kept.shelf, kept.batch_ids) == (shelf, [])


@pytest.mark.parametrize("with_images", [True, False])
async def test_a_deletion_that_is_interrupted_goes_on(finished, queue, owner_id, monkeypatch, with_images):
    monkeypatch.setattr(forgetting, "PART", 2)
    batch, images = await finished("abcde")
    await deletion.delete(owner_id, batch.id, queue, with_images=with_images)
    failpoints.arm(failpoints.parsed("batch.forgetting:error@2"))
    with pytest.raises(InjectedError):
        await work(batch, queue)
    failpoints.arm([])

    await work(batch, queue)
    await work(batch, queue)

    assert await left(batch) == [0, 0, 0, 0, 0]
    share = Share() if with_images else Share(image_count=5, stored_bytes=5_000)
    assert await Tally.of_owner(owner_id) == share
    assert await Image.find({"owner_id": owner_id}).count() == (0 if with_images else len(images))


async def test_only_a_finished_batch_is_deleted(expanded, submit, queue, outcomes):
    running, queued, cancelled = await expanded("ab"), await submit("a"), await expanded("ab")
    a, b = await hand_out(cancelled, queue)
    await controls.cancel(cancelled.owner_id, cancelled.id, queue)

    for batch in (running, queued, cancelled):
        with pytest.raises(WrongStateError):
            await deletion.delete(batch.owner_id, batch.id, queue, with_images=True)
    for unit in (a, b):
        await outcomes.end(failed(unit))
    assert await deletion.delete(cancelled.owner_id, cancelled.id, queue, with_images=True)


async def test_nobody_deletes_anothers_batch(finished, queue):
    batch, _ = await finished()

    assert not await deletion.delete(PydanticObjectId(), batch.id, queue, with_images=True)

    assert await Batch.get(batch.id)


async def test_what_a_slow_expander_writes_behind_a_deletion_goes_with_the_second(
    submit, storage, queue, outcomes
):
    batch = await submit("ab", "cd")
    failpoints.arm(failpoints.parsed("batch.expanding:error@2"))
    with pytest.raises(InjectedError):
        await batches.expand(batch, storage, queue, items_per_chunk=2)
    failpoints.arm([])
    await controls.cancel(batch.owner_id, batch.id, queue)
    await deletion.delete(batch.owner_id, batch.id, queue, with_images=True)
    await work(batch, queue)
    await BatchItem(
        owner_id=batch.owner_id,
        batch_id=batch.id,
        product_id=batch.id,
        unit_id=batch.id,
        position=9,
        index=0,
        source_url="https://cdn.example.com/late",
    ).insert()

    await batches.expand(batch, storage, queue)
    await work(batch, queue)

    assert await left(batch) == [0, 0, 0, 0, 0]


async def test_the_batches_of_somebody_who_left_go_with_the_account(
    expanded, finished, storage, queue, owner_id
):
    done, _ = await finished()
    working = await expanded("xy")
    await hand_out(working, queue)
    await deletion.delete(owner_id, done.id, queue, with_images=False)

    await PurgeAccount([storage]).run(purge.account(owner_id))

    for batch in (done, working):
        assert await left(batch) == [0, 0, 0, 0, 0]
        assert await Batch.get(batch.id) is None
    assert await Image.find({"owner_id": owner_id}).count() == 0
    assert await Turn.get(owner_id) is None

"""An owner has each image once, whichever way its bytes come, and whatever happens at the same moment."""

from __future__ import annotations

import asyncio

import pytest

import failpoints
from errors import LeaseLostError, OutcomeUnknownError
from failpoints import Fault, InjectedError
from models import transactions
from models.batch_item import BatchItemState
from models.image import Image, Shelf
from models.tally import Share, Tally
from models.values import Compression, MetadataPolicy
from processing import upkeep
from processing.batches.outcomes import Outcomes
from processing.item import DevelopImage
from processing.queue.memory import MemoryQueue
from storage.adapters import Storages
from tests import pictures
from tests.processing import taking_in
from tests.processing.batches.units.squeezing import squeezed
from tests.processing.batches.units.workshop import QUALITY
from tests.processing.fetch.origin import ok
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
PHOTO, OTHER = pictures.jpeg(300, 200), pictures.jpeg(300, 200, seed=2)
SMALLER = Compression(value=20)


@pytest.fixture(autouse=True)
def photos(origin):
    origin.answers = {"/a.jpg": ok(PHOTO), "/same.jpg": ok(PHOTO)}


@pytest.fixture
def upload(workshop):
    async def run(content=PHOTO):
        return (await taking_in.take_in(workshop.owner_id, content, workshop.storage)).image

    return run


@pytest.fixture
def compress(workshop):
    """A batch of one address, done; its image."""

    async def run(path="/a.jpg", **how):
        (work,) = await workshop.batch(path, **how)
        await workshop.worker.run(work)
        (item,) = await workshop.items()
        assert item.state == BatchItemState.SUCCEEDED
        return await Image.get(item.image_id)

    return run


async def assert_every_object_is_named(workshop):
    images = await Image.find({"owner_id": workshop.owner_id}).to_list()
    named = {key for image in images for key in (image.storage.key, *(v.key for v in image.variants))}
    assert await workshop.objects() == named


async def test_an_uploaded_image_is_used_and_stays_where_it_is(workshop, upload, compress):
    uploaded = await upload()

    image = await compress()

    assert (image.id, image.shelf, image.batch_ids) == (uploaded.id, Shelf.GALLERY, [workshop.batch_id])
    assert await workshop.content(image.compressed.key) == squeezed(PHOTO)
    assert await Tally.of_owner(workshop.owner_id) == Share(1, len(PHOTO))
    await assert_every_object_is_named(workshop)


async def test_what_was_compressed_in_the_same_way_is_not_compressed_again(workshop, compress):
    first = await compress()

    second = await compress("/same.jpg")

    assert (second.id, second.compressed, len(second.batch_ids)) == (first.id, first.compressed, 2)
    assert len(workshop.codec.wishes) == 1
    (item,) = await workshop.items()
    assert (item.bytes_in, item.bytes_out) == (len(PHOTO), len(squeezed(PHOTO)))
    await assert_every_object_is_named(workshop)


@pytest.mark.parametrize("how", [{"compression": SMALLER}, {"policy": MetadataPolicy.KEEP}])
async def test_another_way_or_policy_makes_another_image_once(workshop, compress, how):
    first = await compress()

    second, third = await compress(**how), await compress("/same.jpg", **how)

    assert first.id != second.id == third.id
    assert (first.answers_duplicates, second.answers_duplicates) == (True, False)
    assert (await compress()).id == first.id
    assert len(workshop.codec.wishes) == 2
    await assert_every_object_is_named(workshop)


async def test_the_same_bytes_at_two_addresses_at_once_become_one_image(workshop):
    works = await workshop.batch("/a.jpg", "/same.jpg")
    worker = workshop.worker

    await asyncio.gather(*(worker.run(work) for work in works))

    (image,) = await Image.find({"owner_id": workshop.owner_id}).to_list()
    assert {item.image_id for item in await workshop.items()} == {image.id}
    assert await Tally.of_owner(workshop.owner_id) == Share(0, len(PHOTO))
    await assert_every_object_is_named(workshop)


async def test_an_upload_of_the_same_bytes_may_come_in_between(workshop, upload, compress):
    uploads = []

    async def come_in():
        uploads.append(await upload())

    workshop.codec.before = come_in
    image = await compress()

    assert {image.id} == {uploaded.id for uploaded in uploads}
    assert image.compressed
    await assert_every_object_is_named(workshop)


@pytest.mark.parametrize("leaves", ["trash", "delete", "replace"])
async def test_an_image_that_leaves_meanwhile_is_not_used(workshop, upload, compress, leaves):
    old = await upload()

    async def leave():
        if leaves == "trash":
            await upkeep.trash(old.owner_id, old.id)
        elif leaves == "delete":
            await upkeep.delete(old.owner_id, old.id, workshop.queue)
        else:
            await taking_in.replace(old.owner_id, old.id, OTHER, workshop.storage)

    workshop.codec.before = leave
    image = await compress()

    assert (image.id != old.id, image.shelf, image.answers_duplicates) == (True, Shelf.BATCH, True)
    assert await workshop.content(image.compressed.key) == squeezed(PHOTO)


async def test_who_answers_for_the_bytes_may_leave_while_another_image_of_them_comes(workshop, compress):
    first = await compress()

    async def leave():
        await upkeep.trash(first.owner_id, first.id)

    workshop.codec.before = leave
    second = await compress(compression=SMALLER)

    assert (first.id != second.id, second.answers_duplicates) == (True, True)


async def test_an_image_that_is_still_being_developed_keeps_both(workshop, upload, compress):
    uploaded = await upload()
    developing = DevelopImage(Storages(workshop.storage), MemoryQueue(), InProcess())

    async def develop():
        await developing.run(taking_in.development(uploaded))

    workshop.codec.before = develop
    await compress()
    replaced = await upload(OTHER)
    workshop.codec.before, workshop.origin.answers["/a.jpg"] = None, ok(OTHER)
    await compress()
    await developing.run(taking_in.development(replaced))

    for image_id in (uploaded.id, replaced.id):
        image = await Image.get(image_id)
        assert sorted(variant.name for variant in image.variants) == ["compressed", "medium", "thumbnail"]
    await assert_every_object_is_named(workshop)


async def test_when_nobody_knows_whether_it_ended_nothing_is_deleted(workshop, monkeypatch):
    (work,) = await workshop.batch("/a.jpg")
    end = Outcomes.end

    async def lost(self, ending):
        await end(self, ending)
        raise OutcomeUnknownError

    monkeypatch.setattr(Outcomes, "end", lost)
    with pytest.raises(OutcomeUnknownError):
        await workshop.worker.run(work)
    monkeypatch.undo()
    await workshop.worker.run(work)

    assert await workshop.counts() == {"total": 1, "succeeded": 1}
    await assert_every_object_is_named(workshop)


async def test_a_fault_behind_the_commit_deletes_nothing_that_is_referred_to(workshop):
    (work,) = await workshop.batch("/a.jpg")
    failpoints.arm([Fault("batch.ended", "error", 1)])

    with pytest.raises(InjectedError):
        await workshop.worker.run(work)

    assert await workshop.counts() == {"total": 1, "succeeded": 1}
    await assert_every_object_is_named(workshop)


@pytest.mark.parametrize("step", ["unit.started", "unit.fetched", "unit.stored", "batch.ending"])
async def test_an_attempt_that_dies_at_a_step_is_finished_by_the_next(workshop, step):
    (work,) = await workshop.batch("/a.jpg")
    failpoints.arm([Fault(step, "error", 1)])
    with pytest.raises(InjectedError):
        await workshop.worker.run(work)
    assert await workshop.counts() == {"total": 1, "running": 1}
    assert await workshop.objects() == set()

    failpoints.arm([])
    await workshop.worker.run(work)

    assert await workshop.counts() == {"total": 1, "succeeded": 1}
    await assert_every_object_is_named(workshop)


async def test_who_lost_the_ticket_takes_back_what_it_has_stored(workshop, monkeypatch):
    (work,) = await workshop.batch("/a.jpg")

    async def too_late(_self, _ending):
        raise LeaseLostError

    monkeypatch.setattr(Outcomes, "end", too_late)
    await workshop.worker.run(work)

    assert await workshop.objects() == set()


async def test_who_is_stopped_leaves_the_unit_to_another(workshop):
    (work,) = await workshop.batch("/a.jpg")
    stuck = asyncio.Event()

    async def wait():
        stuck.set()
        await asyncio.Event().wait()

    workshop.codec.before = wait
    task = asyncio.create_task(workshop.worker.run(work))
    await stuck.wait()
    task.cancel()
    await asyncio.wait({task})
    workshop.codec.before = None
    await workshop.worker.run(work)

    assert await workshop.counts() == {"total": 1, "succeeded": 1}
    assert workshop.codec.open_slots == 0


async def test_the_readers_of_a_transaction_see_all_or_nothing(workshop):
    (work,) = await workshop.batch("/a.jpg")
    seen = []

    async def look(transaction):
        image = await Image.find_one({"_id": work.id}, session=transaction)
        unit = await (await workshop.unit(work)).__class__.find_one(
            {"_id": work.subject_id}, session=transaction
        )
        return image is not None, unit.state == BatchItemState.SUCCEEDED

    async def watch():
        while not seen or not seen[-1][0]:
            seen.append(await transactions.run(look))

    await asyncio.gather(watch(), workshop.worker.run(work))

    assert {image == ended for image, ended in seen} == {True}
    assert QUALITY.recipe == (await Image.get(work.id)).compressed.recipe

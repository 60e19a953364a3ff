"""Images of batches are listed by their batch, and never by the gallery, whatever happens to them."""

from __future__ import annotations

import pytest

from models import holdings
from models.batch_item import BatchItemState
from models.change import Change, ChangeKind
from models.event import Event
from models.feed import Insert
from models.gallery import NEWEST_FIRST, Filter, Gallery
from models.image import Image, ImageState, Shelf
from models.moment import BEGINNING
from models.page import Window
from models.tally import Share, Tally
from processing import recount, redevelop, upkeep
from processing.gallery_changes import GalleryChange
from processing.item import DevelopImage
from processing.queue.memory import MemoryQueue
from storage.adapters import Storages
from tests import pictures
from tests.processing import taking_in
from tests.processing.fetch.origin import ok
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
PHOTO, OTHER = pictures.jpeg(300, 200), pictures.jpeg(300, 200, seed=2)


@pytest.fixture
async def image(workshop, origin):
    """One that a batch has made."""
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    await workshop.worker.run(work)
    return await Image.get(work.id)


async def listed(owner_id, **wanted):
    gallery = Gallery(owner_id, Filter(**wanted))
    page = await gallery.page(Window(NEWEST_FIRST, 10))
    assert await gallery.count() == len(page.items)
    return {image.id for image in page.items}


async def told(owner_id):
    """What a gallery's subscriber hears of."""
    heard = []
    for kind in (Change, Event):
        name = kind.get_collection_name()
        found = await kind.get_pymongo_collection().find({"owner_id": owner_id}).to_list()
        heard += [GalleryChange.of(Insert(BEGINNING, name, document)) for document in found]
    return [change for change in heard if change]


async def assert_share(owner_id, images, size_bytes):
    assert await Tally.of_owner(owner_id) == Share(images, size_bytes)
    assert await recount.correct(owner_id, dry_run=True) is None


async def develop(workshop, image):
    handler = DevelopImage(Storages(workshop.storage), MemoryQueue(), InProcess())
    await handler.run(taking_in.development(image))


async def test_only_its_batch_lists_it(workshop, image):
    assert await listed(image.owner_id) == set()
    assert await listed(image.owner_id, batch_id=workshop.batch_id) == {image.id}
    assert await listed(image.owner_id, batch_id=image.id) == set()
    assert await listed(workshop.batch_id, batch_id=workshop.batch_id) == set()


async def test_an_upload_that_is_answered_with_it_puts_it_into_the_gallery(workshop, image):
    for _ in range(2):
        answered = await taking_in.take_in(image.owner_id, PHOTO, workshop.storage)

        assert (answered.image.id, answered.image.shelf, answered.duplicate) == (
            image.id,
            Shelf.GALLERY,
            True,
        )
        assert await listed(image.owner_id) == {image.id}
        assert [(change.image_id, change.kind) for change in await told(image.owner_id)] == [
            (image.id, ChangeKind.ADDED)
        ]
        await assert_share(image.owner_id, 1, len(PHOTO))


async def test_an_upload_that_is_answered_with_it_outlives_the_batch(workshop, image):
    await taking_in.take_in(image.owner_id, PHOTO, workshop.storage)

    await upkeep.leave_batch(image.owner_id, image.id, workshop.batch_id, MemoryQueue(), and_go=True)

    assert await listed(image.owner_id) == {image.id}
    await assert_share(image.owner_id, 1, len(PHOTO))


async def test_an_upload_that_a_batch_uses_is_listed_by_both(workshop, origin):
    uploaded = (await taking_in.take_in(workshop.owner_id, PHOTO, workshop.storage)).image
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    await workshop.worker.run(work)

    assert await listed(workshop.owner_id) == {uploaded.id}
    assert await listed(workshop.owner_id, batch_id=workshop.batch_id) == {uploaded.id}
    await upkeep.trash(workshop.owner_id, uploaded.id)
    restored = await upkeep.restore(workshop.owner_id, uploaded.id)
    assert restored.shelf == Shelf.GALLERY


async def test_it_goes_into_the_trash_and_back_to_its_batch(workshop, image):
    assert await upkeep.trash(image.owner_id, image.id)
    assert await upkeep.trash(image.owner_id, image.id)
    assert await listed(image.owner_id, trashed=True) == {image.id}
    assert await listed(image.owner_id, trashed=True, batch_id=workshop.batch_id) == {image.id}
    assert await listed(image.owner_id, batch_id=workshop.batch_id) == set()
    await assert_share(image.owner_id, 0, len(PHOTO))

    restored = await upkeep.restore(image.owner_id, image.id)

    assert (restored.shelf, restored.trashed_from, restored.answers_duplicates) == (Shelf.BATCH, None, True)
    assert await listed(image.owner_id, batch_id=workshop.batch_id) == {image.id}
    await assert_share(image.owner_id, 0, len(PHOTO))


async def test_it_comes_into_the_gallery_if_no_batch_has_it_any_more(image):
    await upkeep.trash(image.owner_id, image.id)
    await Image.find_one({"_id": image.id}).update({"$set": {"batch_ids": []}})

    restored = await upkeep.restore(image.owner_id, image.id)

    assert restored.shelf == Shelf.GALLERY
    await assert_share(image.owner_id, 1, len(PHOTO))


@pytest.mark.parametrize("trashed", [True, False])
async def test_deleted_for_good_it_takes_nothing_from_the_gallery(workshop, image, trashed):
    if trashed:
        await upkeep.trash(image.owner_id, image.id)

    assert await upkeep.delete(image.owner_id, image.id, workshop.queue)

    await assert_share(image.owner_id, 0, 0)


async def test_no_gallery_hears_of_it(workshop, image):
    owner_id = image.owner_id
    await upkeep.describe(owner_id, image.id, {"caption": "a shoe"})
    await taking_in.replace(owner_id, image.id, OTHER, workshop.storage)
    await develop(workshop, image)
    await upkeep.trash(owner_id, image.id)
    await taking_in.replace(owner_id, image.id, PHOTO, workshop.storage)
    await upkeep.restore(owner_id, image.id)
    await upkeep.delete(owner_id, image.id, workshop.queue)

    assert await told(owner_id) == []
    await assert_share(owner_id, 0, 0)


async def test_no_gallery_hears_of_presets_that_are_made_again(workshop, image):
    await redevelop.again(await holdings.look(image.id), set(), workshop.queue)
    await develop(workshop, image)

    again = await Image.get(image.id)
    assert (again.state, again.compressed) == (ImageState.READY, image.compressed)
    assert await told(image.owner_id) == []


async def test_an_original_that_is_replaced_takes_the_compressed_form_with_it(workshop, image):
    await taking_in.replace(image.owner_id, image.id, OTHER, workshop.storage)

    replaced = await Image.get(image.id)
    assert (replaced.shelf, replaced.compressed, replaced.answers_duplicates) == (Shelf.BATCH, None, True)
    (item,) = await workshop.items()
    assert (item.state, item.image_id, item.bytes_in) == (BatchItemState.SUCCEEDED, image.id, len(PHOTO))
    await assert_share(image.owner_id, 0, len(OTHER))


async def test_the_oldest_live_image_of_the_same_bytes_answers_next_also_a_batchs(workshop, origin):
    uploaded = (await taking_in.take_in(workshop.owner_id, PHOTO, workshop.storage)).image
    await uploaded.set({"metadata_policy": "KEEP"})
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    await workshop.worker.run(work)
    assert not (await Image.get(work.id)).answers_duplicates

    await upkeep.trash(workshop.owner_id, uploaded.id)

    assert (await Image.get(work.id)).answers_duplicates
    again = await taking_in.take_in(workshop.owner_id, PHOTO, workshop.storage)
    assert (again.duplicate, again.image.id) == (True, work.id)


async def test_an_upload_of_the_same_bytes_makes_it_the_owners_own(workshop, image):
    uploaded = await taking_in.take_in(image.owner_id, PHOTO, workshop.storage)

    again = await taking_in.take_in(image.owner_id, PHOTO, workshop.storage)
    await upkeep.leave_batch(image.owner_id, image.id, workshop.batch_id, workshop.queue, and_go=True)

    assert (uploaded.duplicate, uploaded.image.id, again.image.id) == (True, image.id, image.id)
    assert await listed(image.owner_id) == {image.id}
    assert [change.kind for change in await told(image.owner_id)] == ["ADDED"]
    await assert_share(image.owner_id, 1, len(PHOTO))

"""What lies at an address is fetched, compressed and kept, and all items that have the address end."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from beanie import PydanticObjectId

from models.batch import Batch, BatchState
from models.batch_item import BatchItemState
from models.image import Image, ImageStage, ImageState, Shelf
from models.tally import Share, Tally
from models.values import MetadataPolicy
from models.work import Topic, Work
from processing.batches.outcomes import ADORN
from processing.codec.base import Wish
from processing.queue.base import WorkItem
from tests import pictures
from tests.processing.batches.units.squeezing import squeezed
from tests.processing.batches.units.workshop import QUALITY
from tests.processing.fetch.origin import ok

pytestmark = pytest.mark.mongo
PHOTO = pictures.jpeg(300, 200)


async def test_all_items_with_the_address_end_with_its_image(workshop, origin):
    origin.answers = {"/shop/red%20shoe.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/shop/red%20shoe.jpg", items_each=3)

    await workshop.worker.run(work)

    items = await workshop.items()
    assert [(item.state, item.bytes_in, item.bytes_out, item.attempt_count) for item in items] == [
        (BatchItemState.SUCCEEDED, len(PHOTO), len(squeezed(PHOTO)), 1)
    ] * 3
    assert {item.image_id for item in items} == {work.id}
    assert await workshop.counts() == {"total": 3, "succeeded": 3}
    assert (await Batch.get(workshop.batch_id)).state == BatchState.COMPLETED
    assert [event.sequence for event in await workshop.events()] == [1, 2, 3, 4]
    assert workshop.codec.wishes == [Wish(QUALITY, MetadataPolicy.STRIP_ALL)]
    assert workshop.codec.open_slots == 0


async def test_the_image_is_ready_and_stands_on_the_shelf_of_batches(workshop, origin):
    origin.answers = {"/shop/red%20shoe.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/shop/red%20shoe.jpg", policy=MetadataPolicy.KEEP)

    await workshop.worker.run(work)

    image = await Image.get(work.id)
    assert (image.state, image.stage, image.sequence) == (ImageState.READY, ImageStage.READY, 0)
    assert (image.shelf, image.batch_ids) == (Shelf.BATCH, [workshop.batch_id])
    assert (image.filename, image.sort_name, image.words) == (
        "red shoe.jpg",
        "red shoe.jpg",
        ["jpg", "red", "shoe"],
    )
    assert (image.media_type, image.width_px, image.height_px) == ("image/jpeg", 300, 200)
    assert (image.metadata_policy, image.answers_duplicates) == (MetadataPolicy.KEEP, True)
    assert image.checksum_sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert image.compressed.recipe == QUALITY.recipe
    assert await workshop.objects() == {image.storage.key, image.compressed.key}
    assert await workshop.content(image.storage.key) == PHOTO
    assert await workshop.content(image.compressed.key) == squeezed(PHOTO)


async def test_its_bytes_are_counted_and_what_is_left_to_do_waits(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")

    await workshop.worker.run(work)

    assert await Tally.of_owner(workshop.owner_id) == Share(0, len(PHOTO))
    left = await Work.find({"subject_id": work.id}).to_list()
    assert [(each.kind, each.topic) for each in left] == [(ADORN, Topic.LATER)]


async def test_the_server_says_what_its_file_is_called(workshop, origin):
    origin.answers = {"/download": ok(PHOTO, 'Content-Disposition: attachment; filename="../shoe.jpg"')}
    (work,) = await workshop.batch("/download")

    await workshop.worker.run(work)

    assert (await Image.get(work.id)).filename == "shoe.jpg"


async def test_the_content_decides_what_it_is(workshop, origin):
    origin.answers = {"/a.jpg": ok(pictures.png(), "Content-Type: text/html")}
    (work,) = await workshop.batch("/a.jpg")

    await workshop.worker.run(work)

    assert (await Image.get(work.id)).media_type == "image/png"


async def test_work_that_is_delivered_again_changes_nothing(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    await workshop.worker.run(work)

    await workshop.worker.run(work)

    assert len(origin.heads) == 1
    assert len(await workshop.objects()) == 2
    assert await workshop.counts() == {"total": 1, "succeeded": 1}


async def test_a_ticket_that_is_over_is_worth_nothing(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")
    late = WorkItem(work.kind, work.subject_id, work.owner_id, PydanticObjectId(), work.topic)

    await workshop.worker.run(late)
    await workshop.worker.give_up(late)

    assert origin.heads == []
    assert await workshop.counts() == {"total": 1, "running": 1}


async def test_work_of_a_batch_that_is_gone_is_done(workshop, origin):
    (work,) = await workshop.batch("/a.jpg")
    await Batch.find_one({"_id": workshop.batch_id}).delete()

    await workshop.worker.run(work)

    assert origin.heads == []


async def test_two_workers_at_once_end_it_once_and_leave_no_strays(workshop, origin):
    origin.answers = {"/a.jpg": ok(PHOTO)}
    (work,) = await workshop.batch("/a.jpg")

    await asyncio.gather(*(workshop.worker.run(work) for _ in range(4)))

    image = await Image.get(work.id)
    assert await workshop.objects() == {image.storage.key, image.compressed.key}
    assert await workshop.counts() == {"total": 1, "succeeded": 1}
    assert await Tally.of_owner(workshop.owner_id) == Share(0, len(PHOTO))


async def test_many_units_of_a_batch_at_once(workshop, origin):
    origin.answers = {f"/{n}.jpg": ok(pictures.jpeg(seed=n)) for n in range(12)}
    works = await workshop.batch(*origin.answers)
    worker = workshop.worker

    await asyncio.gather(*(worker.run(work) for work in works))

    assert await workshop.counts() == {"total": 12, "succeeded": 12}
    assert [event.sequence for event in await workshop.events()] == list(range(1, 14))
    assert len(await workshop.objects()) == 24

"""Images of batches get what uploads have, later, once, and without anybody being told."""

from __future__ import annotations

import asyncio

import pytest
from beanie import PydanticObjectId

import failpoints
from failpoints import Fault, InjectedError
from models.event import Event
from models.image import Image, ImageState
from models.work import Topic, Work
from processing import studio, upkeep
from processing.batches.adorn import AdornImage
from processing.batches.outcomes import ADORN
from processing.item import DevelopImage
from processing.queue.base import WorkItem
from processing.queue.memory import MemoryQueue
from storage import keys
from storage.adapters import Storages
from tests import pictures
from tests.processing import taking_in
from tests.processing.fetch.origin import ok
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
PHOTO, OTHER = pictures.jpeg(300, 200), pictures.jpeg(300, 200, seed=2)
ALL = ["compressed", "medium", "thumbnail"]


@pytest.fixture
def handler(workshop):
    return AdornImage(Storages(workshop.storage), workshop.queue, InProcess())


@pytest.fixture
def compressed(workshop, origin):
    async def run(content=PHOTO):
        origin.answers = {"/a.jpg": ok(content)}
        (work,) = await workshop.batch("/a.jpg")
        await workshop.worker.run(work)
        return await Image.get(work.id)

    return run


@pytest.fixture
async def image(compressed):
    return await compressed()


def work(image):
    return WorkItem(ADORN, image.id, image.owner_id, PydanticObjectId(), Topic.LATER)


async def assert_every_object_is_named(workshop, image):
    now = await Image.get(image.id)
    assert await workshop.objects() == {now.storage.key, *(variant.key for variant in now.variants)}


async def test_the_image_is_whole_and_nothing_has_moved(workshop, handler, image):
    await handler.run(work(image))

    adorned = await Image.get(image.id)
    assert [variant.name for variant in adorned.variants] == ALL
    assert adorned.placeholder
    assert (adorned.details.frame_count, adorned.privacy.policy) == (1, image.metadata_policy)
    assert (
        adorned.model_copy(
            update={"variants": image.variants, "placeholder": None, "details": None, "privacy": None}
        )
        == image
    )
    assert await Event.after(image.id, 0) == []
    await assert_every_object_is_named(workshop, image)


async def test_done_again_or_by_many_at_once_it_is_done_once(workshop, handler, image):
    await asyncio.gather(*(handler.run(work(image)) for _ in range(4)))
    adorned = await Image.get(image.id)
    await handler.run(work(image))

    assert await Image.get(image.id) == adorned
    assert [variant.name for variant in adorned.variants] == ALL
    await assert_every_object_is_named(workshop, image)


async def test_an_image_that_does_not_decode_stays_ready(workshop, handler, compressed):
    image = await compressed(pictures.undecodable_png())

    await handler.run(work(image))

    assert await Image.get(image.id) == image
    assert image.state == ImageState.READY
    await assert_every_object_is_named(workshop, image)


@pytest.mark.parametrize("step", ["develop.variant_stored", "adorn.committed"])
async def test_an_attempt_that_dies_is_finished_by_the_next(workshop, handler, image, step):
    failpoints.arm([Fault(step, "error", 1)])
    with pytest.raises(InjectedError):
        await handler.run(work(image))
    failpoints.arm([])

    await handler.run(work(image))

    assert [variant.name for variant in (await Image.get(image.id)).variants] == ALL
    await assert_every_object_is_named(workshop, image)


async def test_what_an_attempt_that_was_killed_has_left_goes(workshop, handler, image):
    of_earlier = keys.next_original(str(image.owner_id), str(image.id))
    strays = [keys.variant(image.storage.key, "medium"), keys.variant(of_earlier, "compressed")]
    in_the_making = keys.variant(image.storage.key, "compressed")
    for key in (*strays, in_the_making):
        await workshop.storage.put(key, studio._one_piece(b"stray"))

    await handler.run(work(image))

    assert (await workshop.objects()).intersection((*strays, in_the_making)) == {in_the_making}


async def test_an_image_that_got_another_original_is_left_to_its_development(workshop, handler, image):
    await taking_in.replace(image.owner_id, image.id, OTHER, workshop.storage)
    await handler.run(work(image))
    replaced = await Image.get(image.id)
    assert (replaced.state, replaced.variants) == (ImageState.PROCESSING, [])

    developing = DevelopImage(Storages(workshop.storage), MemoryQueue(), InProcess())
    await developing.run(taking_in.development(image))
    await handler.run(work(image))

    developed = await Image.get(image.id)
    assert [variant.name for variant in developed.variants] == ["medium", "thumbnail"]
    assert [event.sequence for event in await Event.after(image.id, 0)] == [1, 2, 3, 4]


async def test_an_image_that_is_gone_leaves_nothing(workshop, handler, image):
    await upkeep.delete(image.owner_id, image.id, workshop.queue)

    await handler.run(work(image))
    await handler.give_up(work(image))

    assert await workshop.objects() == set()
    assert await Work.find({"kind": "develop", "owner_id": image.owner_id}).count() == 0

"""A variant on demand is made once, whoever asks for it and however often, and nothing is left of one that must not be."""

from __future__ import annotations

import asyncio

import pytest

from errors import DecodeError, ObjectNotFoundError, RateLimitedError, StorageError
from models.image import Image, ImageState
from models.lease import Lease
from models.values import Failure
from processing import recipes
from processing.sizes import Box, Fit
from processing.variants import HOUR_SECONDS, Variants
from storage import keys
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests import pictures
from tests.processing import darkroom
from tests.processing.in_process import InProcess

pytestmark = pytest.mark.mongo
SIDES = {"width_px": 64, "height_px": 48}
COST = recipes.LEAST_COST_PIXELS


class Watched(MemoryStorage):
    """Remembers what was read and kept; `on_put` happens when a variant has just been kept."""

    def __init__(self):
        super().__init__()
        self.read, self.kept, self.reading = [], [], asyncio.Event()

    async def on_put(self):
        pass

    async def get(self, key, **limits):
        self.read.append(key)
        self.reading.set()
        async for piece in super().get(key, **limits):
            yield piece

    async def put(self, key, pieces):
        stored = await super().put(key, pieces)
        self.kept.append(key)
        await self.on_put()
        return stored


@pytest.fixture
async def storage(database):
    return Watched()


@pytest.fixture
async def image(storage):
    found = await darkroom.kept(storage, pictures.jpeg(64, 48), **SIDES)
    storage.kept.clear()
    return found


def maker(storage, pixels_per_hour=10**9):
    return Variants(Storages(storage), InProcess(), pixels_per_hour=pixels_per_hour)


def half(image, media_type="image/webp"):
    return recipes.of(image, Box(32, 24), Fit.FILL, media_type)


def key_of(image):
    return keys.made(image.storage.key, half(image).name)


async def test_the_first_who_asks_has_it_made_and_the_next_has_it_from_storage(storage, image):
    first = await maker(storage).find(image, half(image))
    again = await maker(storage).find(image, half(image))

    assert first == again
    assert first.key == key_of(image)
    assert storage.read == [image.storage.key]


async def test_many_who_ask_at_once_have_it_made_once(storage, image):
    variants = maker(storage)

    found = await asyncio.gather(*(variants.find(image, half(image)) for _ in range(20)))

    assert len({stored.key for stored in found}) == 1
    assert (storage.read, storage.kept) == ([image.storage.key], [key_of(image)])


async def test_several_processes_that_are_asked_at_once_make_it_once(storage, image):
    await asyncio.gather(*(maker(storage).find(image, half(image)) for _ in range(5)))

    assert (storage.read, storage.kept) == ([image.storage.key], [key_of(image)])


async def test_whoever_waits_takes_over_from_a_maker_that_died(storage, image):
    await Lease.take(f"variant memory {key_of(image)}", "a process that was killed", 0.3)

    assert (await maker(storage).find(image, half(image))).key == key_of(image)


async def test_whoever_waits_has_what_another_process_has_made(storage, image):
    name = f"variant memory {key_of(image)}"
    await Lease.take(name, "another process", 60)
    waiting = asyncio.create_task(maker(storage).find(image, half(image)))

    await asyncio.sleep(0.1)
    assert not waiting.done()
    await storage.put(key_of(image), _pieces(b"made"))

    assert (await waiting).size_bytes == 4
    assert storage.read == []
    await Lease.release(name, "another process")


async def test_nothing_is_held_when_it_is_made(storage, image):
    await maker(storage).find(image, half(image))

    assert await Lease.find({"name": {"$regex": key_of(image)}}).to_list() == []


async def test_the_making_goes_on_when_nobody_waits_any_more(storage, image):
    variants = maker(storage)
    asking = asyncio.create_task(variants.find(image, half(image)))
    await storage.reading.wait()
    asking.cancel()

    assert (await variants.find(image, half(image))).key == key_of(image)
    assert storage.read == [image.storage.key]


async def test_what_is_made_when_the_process_ends_is_ended(storage, image):
    variants = maker(storage)
    asking = asyncio.create_task(variants.find(image, half(image)))
    await storage.reading.wait()

    await variants.close()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await maker(storage).find(image, half(image))


async def test_nothing_is_left_of_an_image_that_was_deleted_meanwhile(storage, image):
    storage.on_put = image.delete

    with pytest.raises(ObjectNotFoundError):
        await maker(storage).find(image, half(image))

    assert storage.kept == [key_of(image)]
    assert [stored.key async for stored in storage.list("")] == [image.storage.key]


@pytest.mark.parametrize("place", [{"storage.key": "another"}, {"storage.kind": "another"}])
async def test_nothing_is_left_of_an_image_that_was_replaced_or_moved_meanwhile(storage, image, place):
    async def on_put():
        await Image.get_pymongo_collection().update_one({"_id": image.id}, {"$set": place})

    storage.on_put = on_put
    with pytest.raises(ObjectNotFoundError):
        await maker(storage).find(image, half(image))

    assert [stored.key async for stored in storage.list("")] == [image.storage.key]


async def test_an_original_that_is_missing_is_not_found(storage, image):
    await storage.delete(image.storage.key)

    with pytest.raises(ObjectNotFoundError):
        await maker(storage).find(image, half(image))


async def test_a_budget_bounds_what_is_made_of_one_owners_images(storage, image):
    variants = maker(storage, pixels_per_hour=2 * COST)
    other = await darkroom.kept(storage, pictures.jpeg(64, 48), **SIDES)
    for media_type in ("image/webp", "image/jpeg"):
        await variants.find(image, half(image, media_type))

    with pytest.raises(RateLimitedError) as refused:
        await maker(storage, pixels_per_hour=2 * COST).find(image, half(image, "image/png"))

    assert 0 < refused.value.retry_after_seconds <= HOUR_SECONDS
    assert await variants.find(image, half(image))
    assert await variants.find(other, half(other, "image/png"))


async def test_a_budget_counts_once_what_many_ask_for(storage, image):
    await asyncio.gather(*(maker(storage, pixels_per_hour=COST).find(image, half(image)) for _ in range(5)))

    assert storage.kept == [key_of(image)]


async def test_a_making_that_fails_gives_its_pixels_back(storage, image):
    async def on_put():
        raise StorageError("no room")

    storage.on_put = on_put
    variants = maker(storage, pixels_per_hour=COST)
    with pytest.raises(StorageError):
        await variants.find(image, half(image, "image/png"))

    del storage.on_put

    assert await variants.find(image, half(image))


async def test_an_original_that_does_not_decode_keeps_nothing_and_is_not_tried_for_ever(storage):
    image = await darkroom.kept(storage, pictures.undecodable_png(), media_type="image/png", **SIDES)
    variants = maker(storage, pixels_per_hour=2 * COST)
    for refusal in (DecodeError, DecodeError, RateLimitedError):
        with pytest.raises(refusal):
            await variants.find(image, half(image))

    assert storage.kept == [image.storage.key]


async def test_an_original_that_is_known_not_to_decode_is_not_read_again(storage, image):
    image.state = ImageState.FAILED
    image.failure = Failure(code="CORRUPT_IMAGE", message="It is damaged.", retryable=False)

    with pytest.raises(DecodeError, match="It is damaged"):
        await maker(storage).find(image, half(image))

    assert storage.read == []


async def test_an_image_that_could_not_be_developed_for_no_fault_of_its_own_has_variants(storage, image):
    image.state = ImageState.FAILED
    image.failure = Failure(code="PROCESSING_FAILED", message="Try again.", retryable=True)

    assert await maker(storage).find(image, half(image))


async def _pieces(content):
    yield content

"""What an address of a variant on demand answers when things are not as they were."""

from __future__ import annotations

import asyncio

import pytest

from delivery import naming
from models.image import Image, StoredAt
from models.rate import Limit, Rate
from processing import variants
from storage.memory import MemoryStorage
from tests import pictures
from tests.delivery.fetching import fetched, half_of
from tests.processing import darkroom

pytestmark = pytest.mark.mongo
SIDES = {"width_px": 64, "height_px": 48}
CONTENT = pictures.jpeg(64, 48)


class Leaving(MemoryStorage):
    """Whatever is asked for has just been moved to another storage."""

    kind = "leaving"

    def __init__(self, image_id, place):
        super().__init__()
        self._image_id, self._place = image_id, place

    async def _moved(self):
        change = {"$set": {"storage": self._place.model_dump()}}
        await Image.get_pymongo_collection().update_one({"_id": self._image_id}, change)

    async def get(self, key, **limits):
        await self._moved()
        async for piece in super().get(key, **limits):
            yield piece


@pytest.mark.parametrize("name", [naming.ORIGINAL, "w32-h24-fill-q80.webp"])
async def test_what_is_moved_between_two_looks_is_found_in_its_new_place(database, name):
    new = MemoryStorage()
    image = await darkroom.kept(new, CONTENT, **SIDES)
    old = Leaving(image.id, image.storage.model_copy())
    await image.set({"storage": StoredAt(kind="leaving", key=image.storage.key).model_dump()})

    response = await fetched(new, image, name, others={"leaving": lambda: old})

    assert response.status_code == 200
    assert (response.content == CONTENT) == (name == naming.ORIGINAL)


@pytest.mark.parametrize(
    "name", ["nothing", "w32-h24-fill-q080.webp", "w32-h24-fill-q80.png", "original.png"]
)
async def test_a_name_that_says_nothing_is_not_found_though_it_be_signed(database, name):
    storage = MemoryStorage()
    image = await darkroom.kept(storage, CONTENT, **SIDES)

    assert (await fetched(storage, image, name)).status_code == 404


async def test_a_picture_that_does_not_decode_is_refused_plainly(database):
    storage = MemoryStorage()
    image = await darkroom.kept(storage, pictures.undecodable_png(), media_type="image/png", **SIDES)

    response = await fetched(storage, image, half_of(image).name)

    assert (response.status_code, response.headers["cache-control"]) == (422, "no-store")
    assert "damaged" in response.text


class Slow(MemoryStorage):
    """Gives nothing before it may."""

    def __init__(self):
        super().__init__()
        self.may = asyncio.Event()

    async def get(self, key, **limits):
        await self.may.wait()
        async for piece in super().get(key, **limits):
            yield piece


async def test_a_making_that_takes_long_is_to_be_asked_for_again(database, monkeypatch):
    monkeypatch.setattr(variants, "ANSWER_WITHIN_SECONDS", 0.05)
    storage = Slow()
    image = await darkroom.kept(storage, CONTENT, **SIDES)

    async with asyncio.timeout(20):
        early = await fetched(storage, image, half_of(image).name)
    storage.may.set()
    monkeypatch.undo()
    late = await fetched(storage, image, half_of(image).name)

    assert (early.status_code, early.headers["retry-after"], early.headers["cache-control"]) == (
        503,
        "5",
        "no-store",
    )
    assert late.status_code == 200


async def test_a_making_that_never_ends_is_ended_and_costs_nothing(database, monkeypatch):
    monkeypatch.setattr(variants, "MAKE_WITHIN_SECONDS", 1.0)
    storage = Slow()
    image = await darkroom.kept(storage, CONTENT, **SIDES)

    response = await fetched(storage, image, half_of(image).name)

    assert response.status_code == 503
    budget = Limit("variant-pixels", 1, variants.HOUR_SECONDS)
    assert (await Rate.count_up(budget, str(image.owner_id), 1)).times == 1


async def test_an_object_that_is_lost_is_made_again(database):
    storage = MemoryStorage()
    image = await darkroom.kept(storage, CONTENT, **SIDES)
    first = await fetched(storage, image, half_of(image).name)
    async for stored in storage.list("made/"):
        await storage.delete(stored.key)

    again = await fetched(storage, image, half_of(image).name)

    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]


async def test_the_same_recipe_of_another_original_has_another_etag(database):
    storage = MemoryStorage()
    images = [await darkroom.kept(storage, CONTENT, **SIDES) for _ in range(2)]

    answers = [await fetched(storage, image, half_of(image).name) for image in images]

    assert answers[0].content == answers[1].content
    assert answers[0].headers["etag"] != answers[1].headers["etag"]

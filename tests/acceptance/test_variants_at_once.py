"""What processes do together about variants on demand: each is made once, within a budget, and goes with its image."""

from __future__ import annotations

import asyncio
import hashlib

import aiohttp
import pytest
from pymongo import AsyncMongoClient

from processing import recipes
from resolvers import ids
from tests import pictures
from tests.acceptance.upkeep import delete, until
from tests.client import Person
from tests.service import Service

pytestmark = pytest.mark.mongo
VARIANT = """
query ($id: ID!, $w: Int, $format: ImageFormat) {
  image(id: $id) { variant(widthPx: $w, format: $format) { url widthPx heightPx } variants { name url } }
}
"""
COST = 800 * 600 + 400 * 300
BUDGET = 2 * COST + 1_000


@pytest.fixture(scope="module")
async def database(mongo_uri, xdist_worker):
    name = f"variants_{xdist_worker}"
    async with AsyncMongoClient(mongo_uri) as mongo:
        await mongo.drop_database(name)
        yield mongo[name]
        await mongo.drop_database(name)


@pytest.fixture(scope="module")
def alone(mongo_uri, database, tmp_path_factory):
    """A service with a small budget."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database.name}
    folder = tmp_path_factory.mktemp("variants")
    with Service(folder, PIXEL_BUDGET_PER_HOUR=str(BUDGET), **settings) as running:
        yield running


@pytest.fixture
async def person(alone):
    async with Person.signed_up(alone.url) as somebody:
        yield somebody


@pytest.fixture
async def image_id(person):
    return (await person.developed(pictures.jpeg(800, 600, seed=72)))["id"]


async def ask(person, image_id, **arguments):
    return (await person.data(VARIANT, id=image_id, **arguments))["image"]["variant"]["url"]


async def get(url):
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return response, await response.read()


async def made(database, person):
    """The keys of all variants on demand of somebody's images that are kept."""
    found = database["fs.files"].find({"filename": {"$regex": f"^made/{ids.decode(person.id, 'User')}/"}})
    return [file["filename"] async for file in found]


async def spent(database, person):
    """How many pixels the making of somebody's variants has cost."""
    subject = hashlib.sha256(str(ids.decode(person.id, "User")).encode()).hexdigest()
    rate = await database["rates"].find_one({"_id": f"variant-pixels:{subject}"})
    return rate["times"] if rate else 0


async def test_two_processes_that_are_asked_by_many_at_once_make_it_once(alone, person, image_id, database):
    url = await ask(person, image_id, w=400, format="AVIF")
    second = url.replace(alone.url, alone.serve_also("second"))

    answers = await asyncio.gather(*(get(url) for _ in range(20)), *(get(second) for _ in range(20)))

    assert {response.status for response, _ in answers} == {200}
    assert len({body for _, body in answers}) == 1
    assert len({response.headers["ETag"] for response, _ in answers}) == 1
    assert (len(await made(database, person)), await spent(database, person)) == (1, COST)


async def test_what_is_made_already_is_sent_though_the_budget_is_used_up(person, image_id, database):
    urls = [await ask(person, image_id, w=400, format=name) for name in ("WEBP", "JPEG", "PNG")]

    answers = [(await get(url))[0] for url in urls]

    assert [response.status for response in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    assert answers[2].headers["Cache-Control"] == "no-store"
    assert (await get(urls[0]))[0].status == 200
    assert await spent(database, person) == 2 * COST


async def test_presets_cost_no_budget(person, image_id, database):
    found = await person.data(VARIANT, id=image_id)

    for preset in found["image"]["variants"]:
        assert (await get(preset["url"]))[0].status == 200
    assert await spent(database, person) == 0


async def test_a_variant_goes_with_its_image(person, image_id, database):
    kept, never_fetched = [await ask(person, image_id, w=width_px) for width_px in (400, 200)]
    assert (await get(kept))[0].status == 200

    await delete(person, image_id, permanently=True)

    assert [(await get(url))[0].status for url in (kept, never_fetched)] == [404, 404]

    async def nothing_is_left():
        return not await made(database, person)

    await until(nothing_is_left)


async def test_an_image_in_the_trash_keeps_its_variants(person, image_id):
    url = await ask(person, image_id, w=400)

    await delete(person, image_id)

    assert (await get(url))[0].status == 200


async def test_a_picture_that_does_not_decode_is_refused_and_no_fault_of_ours(alone, person, database):
    uploaded = await person.upload(pictures.undecodable_png(), filename="broken.png")
    image_id = uploaded["image"]["id"]
    url = await ask(person, image_id, w=20)

    before = await get(url)
    await person.progress(image_id, after=0)
    after = await get(url)

    assert [response.status for response, _ in (before, after)] == [422, 422]
    assert await made(database, person) == []
    assert (
        await spent(database, person) <= recipes.LEAST_COST_PIXELS
    )  # for one try, if it came before the worker's
    assert "Traceback" not in alone.log()

"""The service with its images at ImageKit."""

from __future__ import annotations

import aiohttp
import pytest

from tests import pictures
from tests.acceptance.upkeep import delete, until
from tests.client import Person
from tests.imagekit.faults import Fault
from tests.imagekit.server import FakeImageKit
from tests.service import Service

pytestmark = pytest.mark.mongo

GALLERY = "{ service { storage } gallery { nodes { id state storage url variants { url } } } }"


@pytest.fixture
def fake():
    with FakeImageKit() as running:
        yield running


@pytest.fixture
def imagekit(fake, mongo_uri, xdist_worker, tmp_path):
    """The service, all of whose bytes are in the fake."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"imagekit_{xdist_worker}"}
    with Service(tmp_path, STORAGE="imagekit", **settings, **fake.settings) as running:
        yield running


@pytest.fixture
async def ann(imagekit):
    async with Person.signed_up(imagekit.url) as person:
        yield person


async def fetch(url, **headers):
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.read()


async def test_a_picture_goes_to_imagekit_comes_back_byte_for_byte_and_is_deleted_there(fake, ann):
    photo = pictures.photo(seed=60)

    await ann.developed(photo)
    answer = await ann.data(GALLERY)
    (image,) = answer["gallery"]["nodes"]

    assert (answer["service"]["storage"], image["storage"], image["state"]) == (
        "IMAGEKIT",
        "IMAGEKIT",
        "READY",
    )
    assert sorted(path.split("/")[1] for path in fake.library.files) == ["originals", "variants", "variants"]
    assert all(file.is_private and file.versions == 1 for file in fake.library.files.values())
    assert await fetch(image["url"]) == (200, photo)
    assert (await fetch(image["url"], Range="bytes=100-299"))[1] in (photo[100:300], photo)
    assert [(await fetch(variant["url"]))[0] for variant in image["variants"]] == [200, 200]

    await delete(ann, image["id"], permanently=True)

    async def nothing_is_left():
        return not fake.library.files

    await until(nothing_is_left)


async def test_a_picture_arrives_though_an_answer_of_imagekit_is_lost(fake, ann):
    photo = pictures.photo(seed=61)
    fake.faults.append(Fault("POST", "/upload", "lose"))

    await ann.developed(photo)
    (image,) = (await ann.data(GALLERY))["gallery"]["nodes"]

    assert image["state"] == "READY"
    assert len(fake.library.files) == 3
    assert await fetch(image["url"]) == (200, photo)


async def test_an_upload_that_imagekit_does_not_take_leaves_nothing_and_the_next_one_works(fake, ann):
    fake.faults.append(Fault("POST", "/upload", "refuse", times=3))
    photo = pictures.photo(seed=62)

    with pytest.raises(AssertionError, match="errors"):
        await ann.upload(photo)

    assert not fake.library.files
    assert not (await ann.data(GALLERY))["gallery"]["nodes"]
    assert (await ann.developed(photo))["state"] == "READY"

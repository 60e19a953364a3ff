"""Images in a folder, and images that stay where they were put when the storage is changed."""

from __future__ import annotations

import hashlib

import aiohttp
import pytest

from tests import pictures
from tests.acceptance.upkeep import delete, until
from tests.client import PASSWORD, Client, Person
from tests.service import Service

LOG_IN = """
mutation ($input: LogInInput!) {
  logIn(input: $input) { ... on LogInPayload { session { accessToken } } ... on Error { message } }
}
"""
GALLERY = """
{ service { storage } gallery { nodes { id state storage checksumSha256 url variants { name url } } } }
"""


@pytest.fixture
def start(mongo_uri, xdist_worker, tmp_path):
    """Starts the service on the same database and folder, with another storage perhaps."""

    def service(storage, workers=1):
        settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"storage_{xdist_worker}"}
        return Service(tmp_path, workers=workers, STORAGE=storage, **settings)

    return service


async def fetch(url, **headers):
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
        return response.status, await response.read()


async def test_a_picture_in_a_folder_is_developed_and_fetched_in_parts(start, tmp_path):
    photo = pictures.photo(seed=50)
    with start("filesystem") as service:
        async with Person.signed_up(service.url) as ann:
            await ann.developed(photo)
            answer = await ann.data(GALLERY)
            again = await ann.upload(photo)
        (image,) = answer["gallery"]["nodes"]

        assert (answer["service"]["storage"], image["storage"]) == ("FILESYSTEM", "FILESYSTEM")
        assert image["state"] == "READY"
        assert again["duplicate"]
        assert await fetch(image["url"]) == (200, photo)
        assert await fetch(image["url"], Range="bytes=100-299") == (206, photo[100:300])
        assert await fetch(image["url"], Range="bytes=-7") == (206, photo[-7:])
        for variant in image["variants"]:
            status, body = await fetch(variant["url"])
            assert (status, body[:4], body[8:12]) == (200, b"RIFF", b"WEBP")

    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "files").parts[0] for path in files) == [
        "originals", "variants", "variants",
    ]  # fmt: skip
    assert hashlib.sha256(photo).hexdigest() in [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]
    assert not any("photo" in path.name for path in files)


@pytest.mark.parametrize(
    ("first", "second"),
    [("filesystem", "gridfs"), pytest.param("gridfs", "filesystem", marks=pytest.mark.long)],
)
async def test_an_image_is_delivered_after_the_storage_was_changed(start, first, second):
    older, newer = pictures.photo(seed=51), pictures.photo(seed=52)
    with start(first) as service:
        async with Person.signed_up(service.url) as ann:
            await ann.developed(older)

    with start(second) as service:
        async with Client(service.url) as back:
            credentials = {"email": ann.email, "password": PASSWORD}
            session = (await back.data(LOG_IN, input=credentials))["logIn"]["session"]
            back.token = session["accessToken"]
            await back.developed(newer)
            nodes = (await back.data(GALLERY))["gallery"]["nodes"]

        assert [node["storage"] for node in nodes] == [second.upper(), first.upper()]
        assert [await fetch(node["url"]) for node in nodes] == [(200, newer), (200, older)]
        for node in nodes:
            assert [(await fetch(variant["url"]))[0] for variant in node["variants"]] == [200, 200]


async def test_what_was_uploaded_before_the_storage_was_changed_is_developed_after(start):
    photo = pictures.photo(seed=53)
    with start("filesystem", workers=0) as service:
        async with Person.signed_up(service.url) as ann:
            uploaded = await ann.upload(photo)

    with start("gridfs") as service:
        async with Client(service.url, ann.token) as back:
            events = await back.progress(uploaded["image"]["id"])

    assert events[-1]["image"]["state"] == "READY"


async def test_what_was_kept_before_the_storage_was_changed_is_deleted_after(start, tmp_path):
    photo = pictures.photo(seed=54)

    async def nothing_is_left():
        return not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]

    with start("filesystem") as service:
        async with Person.signed_up(service.url) as ann:
            image = await ann.developed(photo)
            assert not await nothing_is_left()

    with start("gridfs") as service:
        async with Client(service.url, ann.token) as back:
            await delete(back, image["id"], permanently=True)
            await until(nothing_is_left)

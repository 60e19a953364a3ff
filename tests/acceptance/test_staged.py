"""A file is sent to storage by the client itself, and taken in once it is there, with whatever provider."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from tests import pictures
from tests.acceptance import staging
from tests.acceptance.upkeep import standing

pytestmark = pytest.mark.every_storage

GALLERY = "{ gallery { totalCount } viewer { usage { imageCount storedBytes } } }"
BIG = pictures.photo(seed=60)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


async def fetch(url):
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return response.status, await response.read()


async def test_a_file_is_announced_sent_completed_developed_and_fetched(ann, stored, storage_kind):
    staged = await staging.stage(ann, BIG, filename="sea.jpg", checksumSha256=sha256(BIG).upper())
    status = await staging.send(staged, BIG)
    completed = await staging.complete(ann, staged, caption="At the sea", tags=[" sea "])
    image = completed["image"]
    events = await ann.progress(image["id"])

    left = datetime.fromisoformat(staged["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert status in (200, 201, 204)
    assert (completed["__typename"], completed["duplicate"]) == ("CompleteStagedUploadPayload", False)
    assert (image["filename"], image["caption"], image["tags"]) == ("sea.jpg", "At the sea", ["sea"])
    assert (image["checksumSha256"], image["storage"]) == (sha256(BIG), storage_kind.upper())
    assert events[-1]["image"]["state"] == "READY"
    assert await fetch(image["url"]) == (200, BIG)
    assert not await staging.lies(ann, staged, stored)


@pytest.mark.parametrize("storage_kind", ["gridfs", "filesystem"])  # others take one file at an address
async def test_what_was_sent_last_counts(ann):
    first, second = pictures.jpeg(seed=61), pictures.jpeg(seed=62)
    size = max(len(first), len(second))
    first, second = (content.ljust(size, b"\0") for content in (first, second))
    staged = await staging.sent(ann, first)

    await staging.send(staged, second)

    assert (await staging.complete(ann, staged))["image"]["checksumSha256"] == sha256(second)


async def test_the_content_decides_what_it_is_and_not_what_was_declared(ann):
    staged = await staging.sent(ann, pictures.webp(seed=63), mediaType="image/png")

    assert (await staging.complete(ann, staged))["image"]["mediaType"] == "image/webp"


async def test_bytes_that_one_has_already_answer_with_the_image_that_has_them(ann, stored):
    photo = pictures.jpeg(seed=64)
    uploaded = await ann.upload(photo, "first.jpg")
    staged = await staging.sent(ann, photo)

    for _ in range(2):
        completed = await staging.complete(ann, staged, caption="changed")
        assert (completed["duplicate"], completed["image"]["id"]) == (True, uploaded["image"]["id"])
        assert completed["image"]["filename"] == "first.jpg"
    assert not await staging.lies(ann, staged, stored)


# ------------------------------------------------------------------ once and for all


async def test_a_repeat_is_answered_as_the_first_time_field_for_field(ann):
    staged = await staging.sent(ann, pictures.jpeg(seed=65))
    first = await staging.complete(ann, staged, caption="mine")
    await ann.progress(first["image"]["id"])

    again = await staging.complete(ann, staged, caption="another")

    unsigned = {"url": None}
    assert {**again["image"], **unsigned} == {**first["image"], **unsigned}
    assert (again["duplicate"], again["image"]["state"]) == (False, "PROCESSING")
    assert (await standing(ann))[1] == 1


async def test_completed_twice_at_once_it_becomes_one_image(ann):
    staged = await staging.sent(ann, BIG)

    completed = await asyncio.gather(*(staging.complete(ann, staged) for _ in range(5)))

    assert len({answer["image"]["id"] for answer in completed}) == 1
    assert not any(answer["duplicate"] for answer in completed)
    assert (await standing(ann))[1] == 1


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"hello " * 1000, "UnsupportedFormatError"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "UnsupportedFormatError"),
        (pictures.jpeg(64, 48)[:-2], "CorruptImageError"),
        (pictures.png(8000, 7000, flat=True), "ImageTooLargeError"),
    ],
)
async def test_what_is_no_sound_image_is_refused_and_nothing_of_it_is_left(ann, stored, content, error):
    staged = await staging.sent(ann, content)

    refused = await staging.complete(ann, staged)
    again = await staging.complete(ann, staged)

    assert (refused["__typename"], again["__typename"]) == (error, "NotFoundError")
    assert refused["message"]
    assert await standing(ann) == (set(), 0, (0, 0))
    assert not await staging.lies(ann, staged, stored)


async def test_bytes_of_another_checksum_are_refused(ann, stored):
    photo = pictures.jpeg(seed=66)
    staged = await staging.sent(ann, photo, checksumSha256=sha256(b"another"))

    refused = await staging.complete(ann, staged)

    assert refused["__typename"] == "CorruptImageError"
    assert sha256(photo) in refused["message"]
    assert await standing(ann) == (set(), 0, (0, 0))
    assert not await staging.lies(ann, staged, stored)


async def test_before_the_bytes_are_there_completing_says_so_and_leaves_the_place_open(ann):
    photo = pictures.jpeg(seed=67)
    staged = await staging.stage(ann, photo)

    refused = await staging.complete(ann, staged)

    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", ["id"])
    assert "not arrived" in refused["message"]
    await staging.send(staged, photo)
    assert (await staging.complete(ann, staged))["__typename"] == "CompleteStagedUploadPayload"


async def test_a_wrong_label_leaves_the_place_open(ann):
    staged = await staging.sent(ann, pictures.jpeg(seed=68))

    refused = await staging.complete(ann, staged, caption="x" * 2001)

    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", ["caption"])
    assert (await staging.complete(ann, staged))["__typename"] == "CompleteStagedUploadPayload"


async def test_nobody_completes_what_another_has_staged(ann, ben):
    staged = await staging.sent(ann, pictures.jpeg(seed=69))
    bens = (await ben.upload(pictures.jpeg(seed=69)))["image"]

    for sought in (staged["id"], "nonsense", "", bens["id"], staged["id"][:-1], "U3RhZ2VkVXBsb2Fk" * 20):
        refused = await staging.complete(ben, {"id": sought})
        assert (refused["__typename"], refused["id"]) == ("NotFoundError", sought)
    assert (await staging.complete(ann, staged))["__typename"] == "CompleteStagedUploadPayload"

"""A photo goes in: what is acknowledged is kept, what is refused leaves nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json

import aiohttp
import pytest

from tests import pictures
from tests.client import PREFLIGHT, UPLOAD

pytestmark = pytest.mark.every_storage

MIB = 2**20


async def test_an_upload_is_acknowledged_with_what_the_bytes_are(ann):
    photo = pictures.jpeg(640, 480, seed=1)

    uploaded = await ann.upload(photo, "summer.jpg", caption="At the sea", tags=["sea", " sea ", "2026"])

    image = uploaded["image"]
    assert (uploaded["__typename"], uploaded["duplicate"]) == ("UploadImagePayload", False)
    assert (image["mediaType"], image["widthPx"], image["heightPx"]) == ("image/jpeg", 640, 480)
    assert image["checksumSha256"] == hashlib.sha256(photo).hexdigest()
    assert (image["filename"], image["sizeBytes"]) == ("summer.jpg", len(photo))


@pytest.mark.parametrize(
    ("make", "media_type"),
    [
        (pictures.png, "image/png"),
        (pictures.webp, "image/webp"),
        (pictures.gif, "image/gif"),
        (pictures.avif, "image/avif"),
        (pictures.animated_gif, "image/gif"),
        (pictures.animated_webp, "image/webp"),
    ],
)
async def test_i10_every_format_comes_in_and_is_developed_whatever_its_name_says(ann, make, media_type):
    uploaded = await ann.upload(make(seed=2), "lies.jpg")

    events = await ann.progress(uploaded["image"]["id"])

    assert uploaded["image"]["mediaType"] == media_type
    assert events[-1]["image"]["state"] == "READY"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "UnsupportedFormatError"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "UnsupportedFormatError"),
        (b"hello " * 1000, "UnsupportedFormatError"),
        (pictures.jpeg(64, 48)[:-2], "CorruptImageError"),
        (pictures.png(64, 48)[:100], "CorruptImageError"),
        (pictures.png(8000, 7000, flat=True), "ImageTooLargeError"),
    ],
)
async def test_what_is_no_sound_image_is_refused_by_its_cause(ann, content, error):
    refused = await ann.upload(content, "photo.jpg")

    assert refused["__typename"] == error
    assert refused["message"]
    assert (await ann.data("{ gallery { totalCount } }"))["gallery"]["totalCount"] == 0


async def test_a_file_above_its_limit_is_refused_and_not_kept(ann):
    too_large = pictures.jpeg(64, 48) + b"\0" * (20 * MIB)

    assert (await ann.upload(too_large))["__typename"] == "FileTooLargeError"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"caption": "x" * 2001}, ["caption"]),
        ({"tags": ["x" * 101]}, ["tags"]),
        ({"tags": [" "]}, ["tags"]),
        ({"tags": [str(n) for n in range(51)]}, ["tags"]),
    ],
)
async def test_what_is_said_of_a_file_is_checked(ann, fields, path):
    form_query = UPLOAD.replace("... on Error { message }", "... on InvalidInputError { field message }")
    refused = await _upload(ann, form_query, fields)

    assert refused["data"]["uploadImage"]["field"] == path


async def test_i11_the_same_bytes_answer_with_the_same_image(ann):
    photo = pictures.jpeg(seed=3)
    first = await ann.upload(photo, "first.jpg", caption="mine")

    again = await ann.upload(photo, "second.jpg", caption="changed")

    assert (again["duplicate"], again["image"]["id"]) == (True, first["image"]["id"])
    assert again["image"]["filename"] == "first.jpg"


async def test_the_same_bytes_twice_at_once_become_one_image(ann):
    photo = pictures.jpeg(seed=4)

    uploads = await asyncio.gather(*(ann.upload(photo) for _ in range(5)))

    assert len({upload["image"]["id"] for upload in uploads}) == 1
    assert sorted(upload["duplicate"] for upload in uploads) == [False, True, True, True, True]


async def test_i11_two_people_have_their_own_image_of_the_same_bytes(ann, ben):
    photo = pictures.jpeg(seed=5)

    first, second = await ann.upload(photo), await ben.upload(photo)

    assert (first["duplicate"], second["duplicate"]) == (False, False)
    assert first["image"]["id"] != second["image"]["id"]


async def test_an_upload_without_the_preflight_header_is_told_which_to_add(ann):
    async with ann.http.post("/graphql", data=_form(UPLOAD, {}), headers=ann.headers) as response:
        answer = await response.json()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (400, "CSRF_PREVENTION")
    assert "GraphQL-Require-Preflight" in answer["errors"][0]["message"]


async def test_an_upload_by_nobody_is_refused_before_the_body_is_read(client):
    answered = asyncio.Event()

    async def unfinished():
        yield b"x" * MIB
        await answered.wait()

    headers = {**PREFLIGHT, "Content-Type": "multipart/form-data; boundary=b"}
    async with client.http.post("/graphql", data=unfinished(), headers=headers) as response:
        answer = await response.json()
        answered.set()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_string_is_never_an_upload(ann):
    answer = await ann.execute(UPLOAD, input={"file": "text"})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_one_file_for_two_variables_is_read_twice(ann):
    query = """
    mutation ($a: Upload!, $b: Upload!) {
      a: uploadImage(input: {file: $a}) { ... on UploadImagePayload { image { id sizeBytes } } }
      b: uploadImage(input: {file: $b}) { ... on UploadImagePayload { duplicate image { id sizeBytes } } }
    }
    """
    photo = pictures.jpeg(seed=6)
    form = aiohttp.FormData()
    form.add_field("operations", json.dumps({"query": query, "variables": {"a": None, "b": None}}))
    form.add_field("map", json.dumps({"0": ["variables.a", "variables.b"]}))
    form.add_field("0", photo, filename="x.jpg")

    async with ann.http.post("/graphql", data=form, headers={**ann.headers, **PREFLIGHT}) as response:
        data = (await response.json())["data"]

    assert data["b"] == {"duplicate": True, "image": data["a"]["image"]}
    assert data["a"]["image"]["sizeBytes"] == len(photo)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\pictures\\a.jpg", "a.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("\u65e5\u672c.jpg", "\u65e5\u672c.jpg"),
        ("x" * 400 + ".jpg", "x" * 251 + ".jpg"),
    ],
)
async def test_i9_a_filename_is_made_safe_to_show(ann, sent, kept):
    assert (await ann.upload(pictures.jpeg(seed=7), sent))["image"]["filename"] == kept


def _form(query, fields):
    form = aiohttp.FormData()
    form.add_field(
        "operations", json.dumps({"query": query, "variables": {"input": {"file": None, **fields}}})
    )
    form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
    form.add_field("0", pictures.jpeg(), filename="x.jpg")
    return form


async def _upload(person, query, fields):
    headers = {**person.headers, **PREFLIGHT}
    async with person.http.post("/graphql", data=_form(query, fields), headers=headers) as response:
        return await response.json()

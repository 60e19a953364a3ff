"""`PUT /staged/…`: where files are sent if the provider does not take them itself. And what may be announced."""

from __future__ import annotations

import asyncio
import io
import json

import aiohttp
import pytest

from tests import pictures
from tests.acceptance import staging
from tests.acceptance.upkeep import standing, until
from tests.client import Client, Person
from tests.faults.hasty import HastyService
from tests.service import Service

MIB = 2**20
PHOTO = pictures.jpeg(320, 240, seed=70)
JPEG = {"Content-Type": "image/jpeg"}


async def put(url, content=PHOTO, headers=JPEG):
    body = io.BytesIO(content) if isinstance(content, bytes) else content
    async with aiohttp.ClientSession() as http, http.put(url, data=body, headers=headers) as response:
        return response.status, await response.text()


@pytest.fixture
async def staged(ann):
    return await staging.stage(ann, PHOTO)


@pytest.fixture
def is_empty(ann, staged, stored):
    async def look():
        return not await staging.lies(ann, staged, stored)

    return look


async def in_parts(*parts):
    for part in parts:
        yield part


# ------------------------------------------------------------------ the door


async def test_the_address_says_how_to_send(staged, service):
    assert staged["url"].startswith(f"{service.url}/staged/")
    assert (staged["method"], staged["formFields"]) == ("PUT", [])
    assert staged["headers"] == [{"name": "Content-Type", "value": "image/jpeg"}]


@pytest.mark.parametrize("change", ["x", "&expires=9999999999", "&signature=x"])
async def test_an_address_that_was_changed_is_refused_and_keeps_nothing(staged, is_empty, change):
    for url in (staged["url"] + change, staged["url"].partition("?")[0], _of_another(staged["url"])):
        status, text = await put(url)
        assert (status, text) == (
            403, "This address has expired or was changed. Stage the file anew.\n",
        )  # fmt: skip
    assert await is_empty()


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (PHOTO[:-1], JPEG, 400),
        (b"", JPEG, 400),
        (PHOTO + b"x", JPEG, 413),
        (b"x" * 30 * MIB, JPEG, 413),
        (PHOTO, {"Content-Type": "image/png"}, 415),
        (PHOTO, {"Content-Type": "application/octet-stream"}, 415),
        (PHOTO, {**JPEG, "Content-Encoding": "gzip"}, 415),
        (PHOTO, {**JPEG, "Content-Range": f"bytes 0-{len(PHOTO) - 1}/{len(PHOTO)}"}, 400),
    ],
)
async def test_m18_other_than_what_was_declared_is_refused_and_the_place_stays_open(
    ann, staged, is_empty, content, headers, status
):
    answer, text = await put(staged["url"], content, headers)

    assert answer == status
    assert text
    assert await is_empty()
    assert (await put(staged["url"]))[0] == 204
    assert (await staging.complete(ann, staged))["__typename"] == "CompleteStagedUploadPayload"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((PHOTO[:100], PHOTO[100:]), 204),
        ((PHOTO[:-1],), 400),
        ((PHOTO, b"x"), 413),
        ([b"x" * MIB] * 30, 413),
    ],
)
async def test_bytes_whose_number_is_not_announced_are_counted(staged, is_empty, parts, status):
    answer, _ = await put(staged["url"], in_parts(*parts))

    assert answer == status
    assert await is_empty() == (status != 204)


async def test_a_type_with_parameters_is_the_same_type(staged):
    assert (await put(staged["url"], headers={"Content-Type": "Image/JPEG; charset=binary"}))[0] == 204


async def test_what_is_cut_short_leaves_nothing_and_can_be_sent_again(ann, staged, is_empty, service):
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    path = staged["url"].removeprefix(service.url)
    writer.write(
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(PHOTO)}\r\n\r\n".encode()
    )
    writer.write(PHOTO[: len(PHOTO) // 2])
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert (await staging.complete(ann, staged))["__typename"] == "InvalidInputError"
    assert await is_empty()
    assert await staging.send(staged, PHOTO) == 204
    assert (await staging.complete(ann, staged))["__typename"] == "CompleteStagedUploadPayload"


async def test_nothing_can_be_sent_to_what_was_completed(ann, staged, is_empty):
    await staging.send(staged, PHOTO)
    await staging.complete(ann, staged)

    assert (await put(staged["url"]))[0] == 404
    assert await is_empty()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
async def test_the_door_opens_to_put_only(staged, method):
    async with aiohttp.ClientSession() as http, http.request(method, staged["url"]) as response:
        assert (response.status, response.headers["Allow"]) == (405, "PUT")


async def test_a_page_of_a_named_origin_may_send(mongo_uri, xdist_worker, tmp_path):
    ours, name = "http://localhost:5173", f"sending_{xdist_worker}"
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name, "ALLOWED_ORIGINS": ours}
    wish = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as ann:
            staged = await staging.stage(ann, PHOTO)
            url = staged["url"]
            async with ann.http.options(url, headers={"Origin": ours, **wish}) as response:
                assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, ours)
                assert "PUT" in response.headers["Access-Control-Allow-Methods"]
            async with ann.http.put(url, data=PHOTO, headers={"Origin": ours, **JPEG}) as response:
                assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (204, ours)


# ------------------------------------------------------------------ what may be announced


@pytest.mark.parametrize(
    ("said", "error", "facts"),
    [
        ({"sizeBytes": 20 * MIB + 1}, "FileTooLargeError", {"limitBytes": 20 * MIB}),
        ({"sizeBytes": 0}, "InvalidInputError", {"field": ["sizeBytes"]}),
        ({"sizeBytes": -1}, "InvalidInputError", {"field": ["sizeBytes"]}),
        ({"checksumSha256": "abc"}, "InvalidInputError", {"field": ["checksumSha256"]}),
        ({"checksumSha256": "g" * 64}, "InvalidInputError", {"field": ["checksumSha256"]}),
        ({"mediaType": "application/pdf"}, "UnsupportedFormatError", {"detectedMediaType": "application/pdf"}),
        ({"mediaType": "a\r\nB: c"}, "UnsupportedFormatError", {"detectedMediaType": None}),
        ({"mediaType": "x" * 100_000}, "UnsupportedFormatError", {"detectedMediaType": None}),
    ],
)  # fmt: skip
async def test_what_would_be_refused_is_refused_before_it_is_sent(ann, said, error, facts):
    refused = await staging.create(ann, **{"size_bytes": 100, **_renamed(said)})

    assert refused["__typename"] == error
    assert {name: refused[name] for name in facts} == facts
    assert len(json.dumps(refused)) < 500


async def test_nobody_stages_and_nobody_completes_unless_signed_in(client, staged):
    fields = {"filename": "a", "mediaType": "x", "sizeBytes": 0}
    for query, said in ((staging.CREATE, fields), (staging.COMPLETE, {"id": staged["id"]})):
        answer = await client.execute(query, input=said)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_no_more_places_are_open_than_are_allowed(ann, ben):
    places = await asyncio.gather(*(staging.stage(ann, PHOTO) for _ in range(100)))

    refused = await staging.create(ann, len(PHOTO))

    assert (refused["__typename"], refused.get("field")) == ("InvalidInputError", [])
    assert await staging.stage(ben, PHOTO)
    await staging.send(places[0], PHOTO)
    await staging.complete(ann, places[0])
    assert await staging.stage(ann, PHOTO)


async def test_a_quota_is_told_early_and_holds_in_the_end(mongo_uri, xdist_worker, tmp_path):
    small, large = pictures.jpeg(seed=71), pictures.jpeg(1200, 900, seed=72)
    limit = str(len(large) + len(small) // 2)
    settings = {"MONGODB_DATABASE": f"staged_quota_{xdist_worker}", "QUOTA_BYTES": limit}
    with Service(tmp_path, workers=0, MONGODB_URI=mongo_uri, **settings) as service:
        async with Person.signed_up(service.url) as ann:
            early, late = await staging.sent(ann, large), await staging.sent(ann, small)
            assert (await staging.complete(ann, early))["__typename"] == "CompleteStagedUploadPayload"

            refused = [await staging.complete(ann, late), await staging.create(ann, len(small))]

            assert [answer["__typename"] for answer in refused] == ["QuotaExceededError"] * 2
            assert refused[1]["quota"] == int(limit)
            assert (await standing(ann))[2] == (1, len(large))


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    "step",
    [
        "staged.received",
        "ingest.committing",
        *(pytest.param(step, marks=pytest.mark.long) for step in ("ingest.stored", "staged.ended")),
    ],
)
async def test_killed_at_any_step_it_is_completed_by_the_same_requests_in_the_end(
    mongo_uri, xdist_worker, tmp_path, step
):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"staged_{xdist_worker}"}
    with HastyService(tmp_path, workers=0, FAILPOINTS=f"{step}:kill", **settings) as service:
        async with Person.signed_up(service.url) as person:
            staged = await staging.stage(person, PHOTO)
            with pytest.raises(aiohttp.ClientError):
                await _sent_and_completed(person, staged)
            service.processes["serve"].wait()
            service.start("serve", FAILPOINTS="")
            async with Client(service.url, person.token) as again:

                async def answers():
                    try:
                        return (await again.data("{ service { version } }"))["service"]
                    except (aiohttp.ClientError, AssertionError):
                        return None

                await until(answers)
                if step == "staged.received":
                    assert await staging.send(staged, PHOTO) == 204
                completed = await staging.complete(again, staged)
                assert completed["__typename"] == "CompleteStagedUploadPayload"
                assert await standing(again) == ({completed["image"]["id"]}, 1, (1, len(PHOTO)))


async def _sent_and_completed(person, staged):
    await staging.send(staged, PHOTO)
    await staging.complete(person, staged)


def _of_another(url):
    """An address with another id and the same signature."""
    head, _, rest = url.partition("/staged/")
    return f"{head}/staged/{rest[0:23]}{'0' if rest[23] != '0' else '1'}{rest[24:]}"


def _renamed(said):
    names = {"sizeBytes": "size_bytes", "mediaType": "media_type"}
    return {names.get(name, name): value for name, value in said.items()}

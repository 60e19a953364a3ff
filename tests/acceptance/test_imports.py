"""A photo comes in from an address, and nothing inside can be reached by one."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from embedded import free_port
from tests import accounts, pictures
from tests.client import Person
from tests.processing.fetch.origin import Origin, endless, ok, redirect, silent
from tests.service import Service

IMPORT = """
mutation ($input: ImportImageInput!) {
  importImage(input: $input) {
    __typename
    ... on ImportImagePayload { duplicate image { id state filename caption tags checksumSha256 } }
    ... on InvalidInputError { field }
    ... on Error { message }
  }
}
"""


@pytest.fixture(scope="module")
def origin_port():
    return free_port()


@pytest.fixture(scope="module")
def importing(mongo_uri, xdist_worker, tmp_path_factory, origin_port):
    """A service that may fetch from 127.0.0.1, but from one port alone."""
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"imports_{xdist_worker}",
        "FETCH_PRIVATE_ALLOWLIST": f"127.0.0.1:{origin_port}",
        "FETCH_PER_HOST": "5",
    }
    with Service(tmp_path_factory.mktemp("imports"), **settings) as running:
        yield running


@pytest.fixture
async def cleo(importing):
    async with Person.signed_up(importing.url) as person:
        yield person


@pytest.fixture
async def origin(origin_port):
    async with Origin().listening(port=origin_port) as server:
        yield server


@pytest.fixture
async def canary():
    """Nobody may connect to it."""
    async with Origin().listening() as server:
        yield server
        assert server.connects == 0


def at(origin, path="/a.jpg"):
    return origin.url(path, "127.0.0.1")


async def import_image(person, url, **fields):
    return (await person.data(IMPORT, input={"url": url, **fields}))["importImage"]


async def test_a_photo_at_an_address_comes_in_and_is_developed(cleo, origin):
    photo = pictures.photo(seed=60)
    origin.answers = {
        "/old": redirect("/summer%20holiday.jpg?token=1"),
        "/summer%20holiday.jpg?token=1": ok(photo),
    }

    imported = await import_image(cleo, at(origin, "/old"), caption="At the sea", tags=["sea"])

    image = imported["image"]
    assert (imported["__typename"], imported["duplicate"]) == ("ImportImagePayload", False)
    assert (image["filename"], image["caption"], image["tags"]) == (
        "summer holiday.jpg",
        "At the sea",
        ["sea"],
    )
    assert image["checksumSha256"] == hashlib.sha256(photo).hexdigest()
    assert (await cleo.progress(image["id"]))[-1]["image"]["state"] == "READY"


async def test_bytes_that_somebody_has_are_answered_with_their_image(cleo, origin):
    photo = pictures.jpeg(seed=61)
    origin.answers = {"/a.jpg": ok(photo)}
    uploaded = await cleo.upload(photo, "mine.jpg")

    imported = await import_image(cleo, at(origin))

    assert (imported["duplicate"], imported["image"]["id"]) == (True, uploaded["image"]["id"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ok(b"<!doctype html><title>Sign in</title>", "Content-Type: image/jpeg"), "UnsupportedFormatError"),
        (ok(b""), "UnsupportedFormatError"),
        (ok(pictures.jpeg()[:-2]), "CorruptImageError"),
        (ok(pictures.png(8000, 7000, flat=True)), "ImageTooLargeError"),
        (endless(piece=pictures.jpeg(flat=True) + b"\0" * 65_536), "FileTooLargeError"),
        (ok(pictures.jpeg(), "Content-Encoding: gzip"), "FetchFailedError"),
        (b"HTTP/1.1 500 Secret\r\n\r\nsecret", "FetchFailedError"),
    ],
)
async def test_what_is_no_sound_image_is_refused_and_not_kept(cleo, origin, answer, error):
    origin.answers = {"/a.jpg": answer}

    refused = await import_image(cleo, at(origin))

    assert refused["__typename"] == error
    assert "ecret" not in str(refused)
    assert (await cleo.data("{ gallery { totalCount } }"))["gallery"]["totalCount"] == 0


@pytest.mark.parametrize(
    "url",
    ["", "a.jpg", "file:///etc/passwd", "ftp://a.test/", "http://u:p@a.test/", "http://127.1/", "http://a b"],
)
async def test_what_is_no_address_is_told_so(cleo, url):
    refused = await import_image(cleo, url)

    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", ["url"])


async def test_s1_without_leave_nothing_on_this_machine_is_reached(ann, canary, service):
    urls = [
        f"http://127.0.0.1:{canary.port}/a.jpg",
        f"http://localhost:{canary.port}/a.jpg",
        f"http://[::ffff:127.0.0.1]:{canary.port}/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "http://[::1]/",
        f"{service.url}/healthz",
    ]

    refused = [await import_image(ann, url) for url in urls]

    assert {refusal["__typename"] for refusal in refused} == {"FetchFailedError"}
    assert len({refusal["message"] for refusal in refused}) == 1


async def test_leave_for_one_origin_is_leave_for_no_other(cleo, origin, canary):
    origin.answers = {"/a.jpg": redirect(f"http://127.0.0.1:{canary.port}/a.jpg")}

    for url in (at(origin), at(canary), origin.url("/a.jpg", "localhost")):
        assert (await import_image(cleo, url))["__typename"] == "FetchFailedError"


async def test_a_repeat_with_the_same_key_has_the_same_answer_and_fetches_nothing(cleo, origin):
    origin.answers = {"/a.jpg": ok(pictures.jpeg(seed=62))}
    first = await import_image(cleo, at(origin), tags=["a"], idempotencyKey="k")
    origin.answers = {"/a.jpg": ok(pictures.jpeg(seed=63))}

    again = await import_image(cleo, at(origin) + "#top", tags=["a"], idempotencyKey="k")

    assert again == first
    assert origin.connects == 1
    for other in ({"url": at(origin, "/b.jpg"), "tags": ["a"]}, {"url": at(origin), "tags": ["b"]}):
        assert (await import_image(cleo, idempotencyKey="k", **other))[
            "__typename"
        ] == "IdempotencyConflictError"


async def test_a_refusal_is_not_kept_under_its_key(cleo, origin):
    assert (await import_image(cleo, at(origin), idempotencyKey="k"))["__typename"] == "FetchFailedError"
    origin.answers = {"/a.jpg": ok(pictures.jpeg(seed=64))}

    assert (await import_image(cleo, at(origin), idempotencyKey="k"))["__typename"] == "ImportImagePayload"


async def test_nobody_imports_nothing(client, canary):
    answer = await client.execute(IMPORT, input={"url": at(canary)})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_signs_out_while_a_photo_is_fetched_does_not_get_it(cleo, origin):
    fetching, signed_out = asyncio.Event(), asyncio.Event()

    async def answer(writer):
        fetching.set()
        await signed_out.wait()
        writer.write(ok(pictures.jpeg(seed=65)))

    origin.answers = {"/a.jpg": answer}
    importing = asyncio.create_task(cleo.execute(IMPORT, input={"url": at(origin)}))
    await fetching.wait()
    await accounts.log_out(cleo, everywhere=True)
    signed_out.set()

    assert (await importing)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    cleo.token = None
    session = await accounts.logged_in(cleo, cleo.email)
    assert session["viewer"]["usage"]["imageCount"] == 0


async def test_one_viewer_has_four_imports_at_once_and_keeps_nobody_else_waiting(cleo, importing, origin):
    origin.answers = {"/silent": silent, "/a.jpg": ok(pictures.jpeg(seed=66))}
    async with asyncio.TaskGroup() as group:
        many = [
            group.create_task(cleo.execute(IMPORT, input={"url": at(origin, "/silent")})) for _ in range(8)
        ]
        while origin.at_once < 4:  # noqa: ASYNC110 - nothing else tells that they are under way
            await asyncio.sleep(0.01)
        async with Person.signed_up(importing.url) as dora:
            assert (await import_image(dora, at(origin)))["__typename"] == "ImportImagePayload"
        assert sum("/silent" in head for head in origin.heads) == 4
        for task in many:
            task.cancel()

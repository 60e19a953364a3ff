"""A signed address opens what it was made for, as long as was said, by the method it was made for; nothing else."""

from __future__ import annotations

import io
import re
import time
from urllib.parse import quote, urlsplit

import pytest
from yarl import URL

from delivery.signing import Signer
from tests import pictures
from tests.acceptance import staging
from tests.hostile import oracle
from tests.hostile.rights.ground import THIRD

KINDS = ("original", "preset", "on demand", "csv", "extended", "jsonl", "staged")
JPEG = {"Content-Type": "image/jpeg"}
OTHER_METHODS = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


@pytest.fixture
async def theirs(ben):
    return await ben.addresses()


@pytest.fixture
async def mine(ann):
    return await ann.addresses()


@pytest.fixture
def signer(ground):
    """The service's own."""
    return Signer(ground.service.secret, public_url="", ttl_seconds=300)


async def fetched(client, kind, url, method=None, **headers):
    """Status and body, of the address as it is written."""
    method = method or ("PUT" if kind == "staged" else "GET")
    body = io.BytesIO(THIRD) if method == "PUT" else None
    where = URL(url if url.startswith("http") else client.url + url, encoded=True)
    async with client.http.request(
        method, where, data=body, headers={**(JPEG if body else {}), **headers}, allow_redirects=False
    ) as response:
        return response.status, (await response.read()).decode(errors="replace")


def parts(url):
    split = urlsplit(url)
    _, expires, _, signature = re.split(r"[=&]", split.query)
    return split.path, expires, signature


def written(path, expires, signature):
    return f"{path}?expires={expires}&signature={signature}"


def changed(url):
    """The same address, changed in every way that ought to end it."""
    path, expires, signature = parts(url)
    above, _, name = path.rpartition("/")
    yield path
    yield from (
        written(path, expires, s) for s in ("", "x", signature[:-1], signature + "A", signature.swapcase())
    )
    yield from (written(path, expires, quote(c) + signature[1:]) for c in ("\0", "é", "="))
    yield from (
        written(path, expires, signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :])
        for at in range(len(signature))
    )
    ends = (
        int(expires) + 1,
        int(expires) - 1,
        0,
        -1,
        "",
        f"+{expires}",
        f"0{expires}",
        f"{expires}.0",
        "9" * 40,
    )
    yield from (written(path, end, signature) for end in ends)
    paths = (
        path + "/", path + "%00", path + ";x", f"{above}/./{name}/x", f"{above}/%2e%2e/{name}", f"{above}/../{name}",
        f"{above}//{name}", f"/{path}", f"{above}%2f..%2f{name}", f"{above}/{name.upper()}x", path.replace("a", "A", 1) + "/",
    )  # fmt: skip
    yield from (written(each, expires, signature) for each in paths)
    yield f"{written(path, expires, signature)}&expires={int(expires) + 9}"
    yield f"{written(path, expires, signature)}&signature=x"


@pytest.mark.parametrize("kind", KINDS)
async def test_r6_an_address_that_was_changed_opens_nothing(ground, nobody, theirs, kind):
    async with oracle.unharmed(ground.service):
        for url in changed(theirs[kind]):
            status, body = await fetched(nobody, kind, url)
            assert status in (403, 404), (url, status)
            assert oracle.says_nothing_of_the_inside(body)
    assert (await fetched(nobody, kind, theirs[kind]))[0] in (200, 204)


@pytest.mark.parametrize("kind", KINDS)
async def test_r6_ones_own_signature_opens_nothing_of_anothers(ann, mine, theirs, kind):
    path, _, _ = parts(theirs[kind])
    for other in mine.values():
        _, expires, signature = parts(other)
        assert (await fetched(ann.person, kind, written(path, expires, signature), **ann.person.headers))[
            0
        ] == 403


@pytest.mark.parametrize("kind", KINDS)
async def test_r6_another_key_signs_nothing(nobody, theirs, kind):
    path, _, _ = parts(theirs[kind])

    assert (await fetched(nobody, kind, Signer("x" * 32, public_url="", ttl_seconds=300).address(path)))[
        0
    ] == 403


@pytest.mark.parametrize("kind", KINDS)
async def test_r6_the_order_of_a_query_says_nothing(nobody, theirs, kind):
    path, expires, signature = parts(theirs[kind])

    status, _ = await fetched(nobody, kind, f"{path}?signature={signature}&expires={expires}")

    assert status in (200, 204)


@pytest.mark.parametrize("kind", KINDS)
async def test_r7_an_address_is_for_one_method(nobody, theirs, kind):
    others = (*OTHER_METHODS, "GET", "HEAD") if kind == "staged" else OTHER_METHODS
    for method in set(others) - ({"PUT"} if kind == "staged" else set()):
        status, _ = await fetched(nobody, kind, theirs[kind], method)
        assert status == 405, (method, status)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("seconds", "opens"), [(-300, False), (-1, False), (0, False), (30, True), (300, True)]
)
async def test_r8_an_address_ends_on_its_second(nobody, theirs, signer, kind, seconds, opens):
    path, _, _ = parts(theirs[kind])
    end = int(time.time()) + seconds

    status, _ = await fetched(nobody, kind, signer._sign(path, end))

    assert (status in (200, 204)) == opens, status


async def test_r8_a_picture_can_be_cached_no_longer_than_its_address_is_good(nobody, theirs, signer):
    path, _, _ = parts(theirs["original"])
    async with nobody.http.get(signer._sign(path, int(time.time()) + 30)) as response:
        longest = int(re.search(r"max-age=(\d+)", response.headers["Cache-Control"])[1])

    assert 20 < longest <= 30


async def test_r8_a_staged_upload_is_taken_in_once(ann, nobody):
    content = pictures.jpeg(seed=950)
    staged = await staging.sent(ann.person, content)
    assert (await staging.complete(ann.person, staged))["__typename"] == "CompleteStagedUploadPayload"

    assert await staging.send(staged, content) == 404

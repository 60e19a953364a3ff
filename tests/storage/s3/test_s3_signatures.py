"""What is signed is what can be done: on versitygw, which verifies every signature."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace
from time import time
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from yarl import URL

from errors import ObjectNotFoundError
from storage.s3 import Bucket, Keys, RefusedError, S3Storage, signatures
from tests import s3
from tests.storage.objects import pieces

OK, REFUSED, PRECONDITION_FAILED = 200, 403, 412
GIF = "image/gif"


@pytest.fixture
async def storage(versitygw):
    running = versitygw.storage()
    yield running
    await running.close()


@pytest.fixture
async def stranger():
    """Somebody without keys."""
    async with ClientSession(skip_auto_headers=["Content-Type"]) as session:
        yield session


@pytest.fixture
def key():
    return f"staged/{secrets.token_hex(8)}"


@pytest.fixture
async def target(storage, key):
    return await storage.upload_target(key, media_type=GIF, size_bytes=5, ttl_seconds=60)


async def exists(storage, key):
    try:
        await storage.head(key)
    except ObjectNotFoundError:
        return False
    return True


async def fetch(stranger, link, method="GET"):
    async with stranger.request(method, URL(link, encoded=True)) as response:
        return response.status, dict(response.headers), await response.read()


async def send(stranger, target, content=b"GIF89", **headers):
    sent = {name: value for name, value in target.headers.items() if name != "Content-Length"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    async with stranger.request(
        target.method, URL(target.url, encoded=True), data=content, headers=sent
    ) as response:
        return response.status


async def test_a_link_gives_the_bytes_as_an_attachment(storage, stranger, key):
    await storage.put(key, pieces(b"GIF89"))
    link = await storage.link(key, media_type=GIF, filename="ä b.gif", ttl_seconds=60)

    status, headers, body = await fetch(stranger, link)

    assert (status, body) == (OK, b"GIF89")
    assert headers["Content-Type"] == GIF
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A4%20b.gif"


@pytest.mark.parametrize(
    "tampered",
    [
        lambda link: link.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        lambda link: link.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
        lambda link: link.replace("attachment", "inline"),
        lambda link: link.replace("/staged/", "/originals/"),
        lambda link: link.partition("?")[0],
    ],
    ids=["signature", "lifetime", "disposition", "key", "nothing"],
)
async def test_a_link_that_was_tampered_with_is_refused(storage, stranger, key, tampered):
    await storage.put(key, pieces(b"GIF89"))
    link = await storage.link(key, media_type=GIF, filename="a.gif", ttl_seconds=60)

    assert (await fetch(stranger, tampered(link)))[0] == REFUSED


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_link_is_for_reading_alone(storage, stranger, key, method):
    await storage.put(key, pieces(b"GIF89"))
    link = await storage.link(key, media_type=GIF, filename="a.gif", ttl_seconds=60)

    assert (await fetch(stranger, link, method))[0] == REFUSED
    assert (await storage.head(key)).size_bytes == 5


async def test_what_is_over_is_refused(storage, stranger, key, monkeypatch):
    monkeypatch.setattr(signatures, "time", lambda: time() - 120)
    link = await storage.link(key, media_type=GIF, filename="a.gif", ttl_seconds=60)
    target = await storage.upload_target(key, media_type=GIF, size_bytes=5, ttl_seconds=60)

    assert (await fetch(stranger, link))[0] == REFUSED
    assert await send(stranger, target) == REFUSED
    monkeypatch.undo()
    assert not await exists(storage, key)


async def test_a_client_puts_an_object_itself_and_once(storage, stranger, target, key):
    assert await send(stranger, target) == OK
    assert await send(stranger, target) == PRECONDITION_FAILED

    assert (await storage.head(key)).size_bytes == 5


@pytest.mark.parametrize("content", [b"", b"GIF8", b"GIF89a"])
async def test_a_client_cannot_put_more_or_less(storage, stranger, target, key, content):
    assert await send(stranger, target, content) == REFUSED
    assert not await exists(storage, key)


@pytest.mark.parametrize("headers", [{"Content_Type": "text/html"}, {"If_None_Match": "never"}])
async def test_a_client_cannot_put_something_else_or_over_what_is_there(
    storage, stranger, target, key, headers
):
    assert await send(stranger, target, **headers) == REFUSED
    assert not await exists(storage, key)


async def test_a_client_cannot_put_elsewhere(storage, stranger, target):
    elsewhere = replace(target, url=target.url.replace("/staged/", "/originals/"))

    assert await send(stranger, elsewhere) == REFUSED


async def test_a_client_cannot_do_anything_else_with_it(storage, stranger, target, key):
    await storage.put(key, pieces(b"kept"))

    for method in ("GET", "DELETE"):
        assert await send(stranger, replace(target, method=method)) == REFUSED
    assert (await storage.head(key)).size_bytes == 4


async def test_keys_that_are_wrong_are_refused_for_good(versitygw):
    for keys in (Keys("nobody", "s"), replace(versitygw.keys, secret_access_key="guessed")):
        storage = S3Storage(Bucket.at(s3.BUCKET, region=s3.REGION, endpoint_url=versitygw.url), keys)
        with pytest.raises(RefusedError) as refused:
            await storage.check()
        assert not refused.value.retryable
        await storage.close()


async def test_the_bucket_may_stand_in_the_host_name(tmp_path, stranger, key, monkeypatch):
    def this_machine(host, *others, **named):
        return resolved("127.0.0.1" if host.endswith("s3.test") else host, *others, **named)

    resolved = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", this_machine)
    with s3.versitygw(tmp_path / "objects", "--virtual-domain", "s3.test") as server:
        endpoint_url = f"http://s3.test:{urlsplit(server.url).port}"
        bucket = Bucket.at(s3.BUCKET, region=s3.REGION, endpoint_url=endpoint_url, addressing="virtual")
        storage = S3Storage(bucket, server.keys)

        await storage.put(key, pieces(b"GIF89"))
        link = await storage.link(key, media_type=GIF, filename="a.gif", ttl_seconds=60)

        assert link.startswith(f"http://{s3.BUCKET}.s3.test:")
        assert (await fetch(stranger, link))[2] == b"GIF89"
        assert [stored.key async for stored in storage.list("staged/")] == [key]
        await storage.close()


async def test_clients_may_reach_the_bucket_elsewhere_than_we_do(versitygw, stranger, key):
    ours = Bucket.at(s3.BUCKET, region=s3.REGION, endpoint_url=versitygw.url)
    theirs = replace(ours, host=ours.host.replace("127.0.0.1", "localhost"))
    storage = S3Storage(ours, versitygw.keys, theirs)
    target = await storage.upload_target(key, media_type=GIF, size_bytes=5, ttl_seconds=60)

    assert await send(stranger, target) == OK
    link = await storage.link(key, media_type=GIF, filename="a.gif", ttl_seconds=60)

    assert {urlsplit(address).hostname for address in (target.url, link)} == {"localhost"}
    assert (await fetch(stranger, link))[2] == b"GIF89"
    await storage.close()

"""What the S3 adapter makes of a provider that is down, slow, breaks off, refuses or lies: X1 of the threat list.

Waits are shortened; the moments at which things go wrong are not.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from errors import ObjectNotFoundError, StorageError
from storage import keys
from storage.s3 import wire
from tests import s3
from tests.faults.proxy import Proxy, after, only, resets_halfway, slow
from tests.storage.faulty_s3 import loses_the_answer, refuses, says

SMALL, IN_PARTS = 100_000, 11 * 2**20
SILENCE_SECONDS = 0.5
WITHIN_SECONDS = 20
OTHER_ETAG = '"00000000000000000000000000000000"'

SLOW_DOWN = refuses(503, "SlowDown")
OTHER_SUMS = says(x_amz_checksum_crc32="AAAAAA==", x_amz_checksum_sha256="AAAAAA==")
FAULTS = {
    "is_down": Proxy.down,
    "is_slow": lambda proxy: proxy.do(slow(30)),
    "resets_halfway": lambda proxy: proxy.do(only("PUT", resets_halfway)),
    "answers_503": lambda proxy: proxy.do(SLOW_DOWN),
    "answers_500": lambda proxy: proxy.do(refuses(500, "InternalError")),
    "lies_about_the_checksum": lambda proxy: proxy.do(only("PUT", OTHER_SUMS)),
    "loses_the_answer": lambda proxy: proxy.do(only("PUT", loses_the_answer)),
}
ASKED = {
    "get": lambda storage, key: anext(storage.get(key)),
    "head": lambda storage, key: storage.head(key),
    "delete": lambda storage, key: storage.delete(key),
    "list": lambda storage, key: anext(storage.list(key)),
    "remains": lambda storage, _: anext(storage.remains(datetime.now(UTC))),
    "check": lambda storage, _: storage.check(),
}
REFUSALS = {
    "access": (403, "AccessDenied"),
    "clock": (403, "RequestTimeTooSkewed"),
    "bucket": (404, "NoSuchBucket"),
}


@pytest.fixture
async def proxy(moto):
    async with Proxy.before(moto.url) as running:
        yield running


@pytest.fixture
async def storage(request, proxy, monkeypatch):
    if "is_slow" in request.node.name:
        monkeypatch.setattr(wire, "SILENCE_SECONDS", SILENCE_SECONDS)
    monkeypatch.setattr(wire, "PAUSES_SECONDS", (0.01, 0.02))
    adapter = s3.Server(proxy.url).storage()
    yield adapter
    await adapter.close()


@pytest.fixture
def key():
    return keys.original(str(ObjectId()), str(ObjectId()))


@pytest.fixture
def left(moto, key):
    """What the provider itself has under the key: objects and uploads that never ended."""

    def look():
        client = moto.client()
        objects = client.list_objects_v2(Bucket=s3.BUCKET, Prefix=key).get("Contents", [])
        uploads = client.list_multipart_uploads(Bucket=s3.BUCKET, Prefix=key).get("Uploads", [])
        return [found["Key"] for found in objects + uploads]

    return look


async def pieces(content):
    for at in range(0, len(content), 2**16):
        yield memoryview(content)[at : at + 2**16]


async def put(storage, key, content):
    async with asyncio.timeout(WITHIN_SECONDS):
        return await storage.put(key, pieces(content))


async def read(storage, key):
    async with asyncio.timeout(WITHIN_SECONDS):
        return b"".join([piece async for piece in storage.get(key)])


@pytest.mark.parametrize("size", [SMALL, IN_PARTS], ids=["in_one", "in_parts"])
@pytest.mark.parametrize("name", FAULTS)
async def test_x1_a_put_that_fails_ends_and_leaves_nothing_at_a_provider_that(
    storage, proxy, key, left, name, size
):
    content = os.urandom(size)
    await FAULTS[name](proxy)

    with pytest.raises(StorageError) as caught:
        await put(storage, key, content)
    assert caught.value.retryable

    await proxy.up()
    assert await asyncio.to_thread(left) == []
    await put(storage, key, content)
    assert await read(storage, key) == content


async def test_x1_parts_that_cannot_be_taken_back_are_named_afterwards(storage, proxy, key, left):
    await proxy.do(after(1, "PUT", SLOW_DOWN))

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(IN_PARTS))
    await proxy.up()

    assert await asyncio.to_thread(left) == [key]
    for remains in [found async for found in storage.remains(datetime.now(UTC) + timedelta(days=1))]:
        await storage.discard(remains)
    assert await asyncio.to_thread(left) == []


async def test_x1_an_object_that_cannot_be_taken_back_is_listed_afterwards(storage, proxy, key, left):
    await proxy.do(loses_the_answer)

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(SMALL))
    await proxy.up()

    assert await asyncio.to_thread(left) == [key]
    for stored in [found async for found in storage.list(key)]:
        await storage.delete(stored.key)
    assert await asyncio.to_thread(left) == []


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_x1_a_refusal_that_will_not_pass_is_not_tried_again(storage, proxy, key, refusal):
    await proxy.do(refuses(*refusal))

    with pytest.raises(StorageError) as caught:
        await put(storage, key, os.urandom(SMALL))

    assert not caught.value.retryable
    assert not isinstance(caught.value, ObjectNotFoundError)
    assert proxy.asked == ["PUT"]


async def test_x1_parts_that_are_not_those_that_were_sent_make_no_object(storage, proxy, key, left):
    await proxy.do(only("PUT", says(ETag=OTHER_ETAG)))

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(IN_PARTS))

    assert await asyncio.to_thread(left) == []


@pytest.mark.parametrize("name", ["is_down", "is_slow", "answers_503"])
@pytest.mark.parametrize("method", ASKED)
async def test_x1_every_question_ends_at_a_provider_that(storage, proxy, key, method, name):
    await FAULTS[name](proxy)

    with pytest.raises(StorageError) as caught:
        async with asyncio.timeout(WITHIN_SECONDS):
            await ASKED[method](storage, key)

    assert caught.value.retryable
    assert not isinstance(caught.value, ObjectNotFoundError)

"""What the S3 adapter makes of a provider that is down, slow, breaks off, refuses or lies: X1 of the threat list.

Waits are shortened; the moments at which things go wrong are not.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from errors import ObjectNotFoundError, StorageError
from storage.s3 import wire
from tests import s3
from tests.faults import proxy as faults
from tests.faults.proxy import Proxy

SMALL, IN_PARTS = 100_000, 11 * 2**20
SILENCE_SECONDS = 0.5
WITHIN_SECONDS = 20
OTHER_ETAG = '"00000000000000000000000000000000"'
OTHER_CRC32 = {"x_amz_checksum_crc32": "AAAAAA=="}

FAULTS = {
    "is_down": Proxy.down,
    "is_slow": lambda proxy: proxy.do(faults.slow(30)),
    "resets_halfway": lambda proxy: proxy.do(faults.only("PUT", faults.resetting_requests())),
    "answers_503": lambda proxy: proxy.do(faults.refusing(503, "SlowDown")),
    "answers_500": lambda proxy: proxy.do(faults.refusing(500, "InternalError")),
    "lies_about_the_checksum": lambda proxy: proxy.do(faults.only("PUT", faults.forging(**OTHER_CRC32))),
    "loses_the_answer": lambda proxy: proxy.do(faults.only("PUT", faults.losing_answers())),
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
    return f"originals/{secrets.token_hex(8)}"


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


@pytest.mark.parametrize("method", ["PUT", "POST"], ids=["second_part", "completion"])
async def test_x1_an_upload_in_parts_is_taken_back_when_it_fails_at_the(storage, proxy, key, left, method):
    await proxy.do(faults.after(1, method, faults.only(method, faults.refusing(503, "SlowDown"))))

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(IN_PARTS))

    assert await asyncio.to_thread(left) == []


async def test_x1_parts_that_cannot_be_taken_back_are_named_afterwards(storage, proxy, key, left):
    await proxy.do(faults.after(1, "PUT", faults.refusing(503, "SlowDown")))

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(IN_PARTS))
    await proxy.up()

    assert await asyncio.to_thread(left) == [key]
    for remains in [found async for found in storage.remains(datetime.now(UTC) + timedelta(days=1))]:
        await storage.discard(remains)
    assert await asyncio.to_thread(left) == []


async def test_x1_an_object_that_cannot_be_taken_back_is_listed_afterwards(storage, proxy, key, left):
    await proxy.do(faults.losing_answers())

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(SMALL))
    await proxy.up()

    assert await asyncio.to_thread(left) == [key]
    for stored in [found async for found in storage.list(key)]:
        await storage.delete(stored.key)
    assert await asyncio.to_thread(left) == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.at_first(2, faults.refusing(503, "SlowDown")),
        faults.at_first(2, faults.resetting_requests()),
        faults.at_first(1, faults.refusing(400, "BadDigest")),
    ],
    ids=["answers_503_twice", "resets_twice", "says_bad_digest_once"],
)
async def test_x1_a_put_gets_over_a_fault_that_passes(storage, proxy, key, fault):
    content = os.urandom(SMALL)
    await proxy.do(fault)

    await put(storage, key, content)

    assert await read(storage, key) == content


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
async def test_x1_a_refusal_that_will_not_pass_is_not_tried_again(storage, proxy, key, refusal):
    await proxy.do(faults.refusing(*refusal))

    with pytest.raises(StorageError) as caught:
        await put(storage, key, os.urandom(SMALL))

    assert not caught.value.retryable
    assert not isinstance(caught.value, ObjectNotFoundError)
    assert proxy.asked == ["PUT"]


async def test_x1_parts_that_are_not_those_that_were_sent_make_no_object(storage, proxy, key, left):
    await proxy.do(faults.only("PUT", faults.forging(ETag=OTHER_ETAG)))

    with pytest.raises(StorageError):
        await put(storage, key, os.urandom(IN_PARTS))

    assert await asyncio.to_thread(left) == []


async def test_x1_a_get_goes_on_where_it_broke_off(storage, proxy, key):
    content = os.urandom(IN_PARTS)
    await put(storage, key, content)
    await proxy.do(faults.at_first(2, faults.resetting_answers()))

    assert await read(storage, key) == content


async def test_x1_a_get_that_breaks_off_each_time_ends(storage, proxy, key):
    await put(storage, key, os.urandom(SMALL))
    await proxy.do(faults.resetting_answers())

    with pytest.raises(StorageError) as caught:
        await read(storage, key)

    assert caught.value.retryable


async def test_x1_a_get_of_other_bytes_than_were_put_fails(storage, proxy, key):
    await put(storage, key, os.urandom(SMALL))
    await proxy.do(faults.forging(**OTHER_CRC32))

    with pytest.raises(StorageError):
        await read(storage, key)


@pytest.mark.parametrize("name", ["is_down", "is_slow", "answers_503"])
@pytest.mark.parametrize("method", ASKED)
async def test_x1_every_question_ends_at_a_provider_that(storage, proxy, key, method, name):
    await FAULTS[name](proxy)

    with pytest.raises(StorageError) as caught:
        async with asyncio.timeout(WITHIN_SECONDS):
            await ASKED[method](storage, key)

    assert caught.value.retryable
    assert not isinstance(caught.value, ObjectNotFoundError)

"""S3 behind a bad connection: few attempts, an error of ours in the end, and nothing left behind."""

from __future__ import annotations

import asyncio
import os

import pytest

from errors import ObjectNotFoundError, StorageError
from storage.s3 import Bucket, RefusedError, S3Storage, wire
from storage.s3.parts import PART_BYTES
from tests import s3
from tests.storage.faulty_s3 import (
    ALWAYS,
    does_first,
    loses_the_answer,
    refuses,
    resets,
    says,
)
from tests.storage.objects import pieces, read, summed

SLOW_DOWN = refuses(503, "SlowDown", "Please reduce your request rate.")
DENIED = refuses(403, "AccessDenied")


@pytest.fixture(autouse=True)
def _pause_no_longer_than_needed(monkeypatch):
    monkeypatch.setattr(wire, "PAUSES_SECONDS", (0.001, 0.001))


async def exists(server, key):
    storage = server.storage()
    try:
        await storage.head(key)
    except ObjectNotFoundError:
        return False
    finally:
        await storage.close()
    return True


@pytest.mark.parametrize("fault", [SLOW_DOWN, resets, refuses(500, "InternalError"), refuses(429, "")])
async def test_what_may_pass_is_tried_again(faulty, storage, key, fault):
    faulty.on("PUT", fault, fault)
    faulty.on("GET", fault, fault)

    await storage.put(key, pieces(b"by", b"tes"))

    assert await read(storage, key) == b"bytes"
    assert (faulty.count("PUT"), faulty.count("GET")) == (3, 3)


async def test_what_does_not_pass_is_given_up_after_the_third_attempt(faulty, storage, key):
    faulty.on("HEAD", *[SLOW_DOWN] * ALWAYS)

    with pytest.raises(StorageError) as failed:
        await storage.head(key)

    assert failed.value.retryable
    assert faulty.count("HEAD") == 3


async def test_what_cannot_pass_is_not_tried_again(faulty, storage, key):
    faulty.on("GET", DENIED)

    with pytest.raises(RefusedError, match="403 AccessDenied") as refused:
        await read(storage, key)

    assert not refused.value.retryable
    assert faulty.count("GET") == 1


async def test_a_bucket_that_is_not_there_is_no_missing_object(moto, key):
    storage = S3Storage(Bucket.at("nobody-has-it", region=s3.REGION, endpoint_url=moto.url), moto.keys)

    for asked in (storage.check(), storage.prepare(), anext(storage.get(key))):
        with pytest.raises(RefusedError, match="NoSuchBucket") as refused:
            await asked
        assert not refused.value.retryable
    await storage.close()


async def test_nobody_listening_is_an_error_of_ours(key):
    storage = s3.Server("http://127.0.0.1:9").storage()

    with pytest.raises(StorageError, match="does not answer") as failed:
        await storage.check()

    assert failed.value.retryable
    await storage.close()


async def test_a_provider_that_is_silent_is_waited_for_no_longer_than_a_while(
    faulty, storage, key, monkeypatch
):
    monkeypatch.setattr(wire, "SILENCE_SECONDS", 0.05)
    silent = does_first(asyncio.Event().wait)
    faulty.on("PUT", *[silent] * ALWAYS)
    faulty.on("GET", *[silent] * ALWAYS)

    for asked in (storage.put(key, pieces(b"bytes")), read(storage, key), storage.check()):
        with pytest.raises(StorageError, match="does not answer"):
            await asked
    assert (faulty.count("PUT"), faulty.count("GET")) == (3, 6)


async def test_all_attempts_together_have_an_end(faulty, storage, key, monkeypatch):
    monkeypatch.setitem(wire.Wire.ask.__kwdefaults__, "within_seconds", 0.05)
    faulty.on("HEAD", *[does_first(asyncio.Event().wait)] * ALWAYS)

    with pytest.raises(StorageError, match="does not answer"):
        await storage.head(key)

    assert faulty.count("HEAD") == 1


async def test_the_next_request_works_after_one_that_failed(faulty, storage, key):
    faulty.on("PUT", *[resets] * ALWAYS)
    with pytest.raises(StorageError):
        await storage.put(key, pieces(b"bytes"))
    faulty.heal()

    await storage.put(key, pieces(b"bytes"))

    assert await read(storage, key) == b"bytes"


async def test_a_put_whose_answers_were_all_lost_is_taken_back(faulty, storage, moto, key):
    faulty.on("PUT", *[loses_the_answer] * ALWAYS)

    with pytest.raises(StorageError):
        await storage.put(key, pieces(b"bytes"))

    assert not await exists(moto, key)


async def test_a_put_that_failed_leaves_what_was_there_before(faulty, storage, key):
    await storage.put(key, pieces(b"old"))
    faulty.on("PUT", *[SLOW_DOWN] * 3)

    with pytest.raises(StorageError):
        await storage.put(key, pieces(b"new"))

    assert await read(storage, key) == b"old"


async def test_a_put_that_is_cancelled_while_it_is_decided_is_taken_back(faulty, storage, moto, key):
    sent, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def held(_, granted):
        sent.set()
        await go_on.wait()
        response = await granted()
        done.set()
        return response

    faulty.on("PUT", held)
    putting = asyncio.create_task(storage.put(key, pieces(b"bytes")))
    await sent.wait()
    putting.cancel()
    await asyncio.to_thread(moto.client)  # long enough for a look at the object that comes too early
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await putting
    await done.wait()
    assert not await exists(moto, key)


async def test_other_bytes_than_were_sent_are_noticed_and_not_kept(faulty, storage, moto, key):
    faulty.on("PUT", says(x_amz_checksum_crc32="AAAAAA=="))

    with pytest.raises(StorageError, match="other bytes"):
        await storage.put(key, pieces(b"bytes"))

    assert not await exists(moto, key)


async def test_other_bytes_than_were_summed_up_on_their_way_are_not_kept_either(faulty, storage, moto, key):
    faulty.on("PUT", says(x_amz_checksum_sha256="AAAAAA=="))

    with pytest.raises(StorageError, match="other bytes"):
        await storage.put(key, summed(b"bytes"))

    assert not await exists(moto, key)


async def test_bytes_that_are_damaged_on_their_way_are_sent_again(faulty, storage, key):
    faulty.on("PUT", refuses(400, "XAmzContentSHA256Mismatch"), refuses(400, "BadDigest"))

    await storage.put(key, summed(b"bytes"))

    assert await read(storage, key) == b"bytes"


async def test_other_bytes_in_a_part_are_noticed_and_not_kept(faulty, storage, moto, key):
    faulty.on("PUT", says(x_amz_checksum_crc32="AAAAAA=="))

    with pytest.raises(StorageError, match="other bytes"):
        await storage.put(key, pieces(os.urandom(PART_BYTES + 1)))

    assert not await exists(moto, key)
    assert s3.begun_uploads(moto, key) == []


@pytest.mark.parametrize(
    "refusal",
    [
        refuses(501, "NotImplemented", "A header you provided implies functionality"),
        refuses(400, "InvalidArgument", "Unsupported header 'x-amz-checksum-crc32'"),
    ],
)
@pytest.mark.parametrize(("size", "sent"), [(5, pieces), (PART_BYTES + 1, pieces), (5, summed)])
async def test_a_provider_that_refuses_checksums_is_asked_without_from_then_on(
    faulty, storage, key, refusal, size, sent
):
    content = os.urandom(size)
    faulty.on("PUT" if size < PART_BYTES else "POST", refusal)

    await storage.put(key, sent(content))
    await storage.put(key, sent(content))

    assert await read(storage, key) == content
    checked = [seen for seen in faulty.seen if any("checksum" in name.lower() for name in seen.headers)]
    assert [seen.method for seen in checked if seen.method != "GET"] == [faulty.seen[0].method]


async def test_a_part_that_never_arrives_ends_the_upload(faulty, storage, moto, key):
    faulty.on("PUT", *[resets] * ALWAYS)

    with pytest.raises(StorageError):
        await storage.put(key, pieces(os.urandom(2 * PART_BYTES)))

    assert s3.begun_uploads(moto, key) == []
    assert not await exists(moto, key)


async def test_a_completion_whose_answer_was_lost_has_happened(faulty, storage, key):
    content = os.urandom(PART_BYTES + 1)
    faulty.on("POST", loses_the_answer, refuses(404, "NoSuchUpload"), query="uploadId")

    await storage.put(key, pieces(content))

    assert await read(storage, key) == content


async def test_a_completion_may_fail_with_status_200(faulty, storage, moto, key):
    faulty.on("POST", *[refuses(200, "InternalError")] * 3, query="uploadId")

    with pytest.raises(StorageError, match="InternalError"):
        await storage.put(key, pieces(os.urandom(PART_BYTES + 1)))

    assert not await exists(moto, key)
    assert s3.begun_uploads(moto, key) == []


async def test_no_error_says_a_secret(faulty, storage, moto, key):
    faulty.on("PUT", DENIED)
    faulty.on("GET", *[resets] * ALWAYS)
    faulty.on("DELETE", refuses(403, "SignatureDoesNotMatch"))

    for asked in (storage.put(key, pieces(b"bytes")), read(storage, key), storage.delete(key)):
        with pytest.raises(StorageError) as failed:
            await asked
        assert moto.keys.secret_access_key not in repr(failed.value)
        assert "Signature=" not in repr(failed.value)

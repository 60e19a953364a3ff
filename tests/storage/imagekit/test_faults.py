"""ImageKit down, slow, breaking off, answering nonsense: a typed error in bounded time, and nothing left behind."""

from __future__ import annotations

import asyncio

import pytest

from errors import StorageError
from storage.imagekit import uploads
from storage.imagekit.adapter import ImageKitStorage
from tests.imagekit.faults import Fault
from tests.storage.objects import pieces, read

FOR_GOOD = 100


CALLS = {
    "put": lambda storage, key: storage.put(key, pieces(b"bytes")),
    "get": read,
    "head": lambda storage, key: storage.head(key),
    "delete": lambda storage, key: storage.delete(key),
    "check": lambda storage, _: storage.check(),
}


async def failure(storage, call, key):
    with pytest.raises(StorageError) as failed:
        await CALLS[call](storage, key)
    return failed.value


@pytest.fixture
async def hasty(fake):
    """An adapter that waits a fifth of a second for an answer."""
    opened = ImageKitStorage(**fake.access, timeout_seconds=0.2)
    yield opened
    await opened.close()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "retryable"), [(401, False), (403, False), (429, True), (500, True), (503, True)]
)
async def test_a_refusal_says_whether_trying_again_may_help(fake, storage, key, call, status, retryable):
    fake.faults.extend([Fault(method, "/", "refuse", status, FOR_GOOD) for method in ("GET", "HEAD", "POST")])

    failed = await failure(storage, call, key)

    assert (failed.retryable, str(status) in str(failed)) == (retryable, True)
    assert not any(secret in repr(failed) for secret in (key, "ik-s", "http", "private_"))


@pytest.mark.parametrize("call", CALLS)
async def test_a_wrong_private_key_is_no_reason_to_try_again(fake, key, call):
    stranger = ImageKitStorage(**{**fake.access, "private_key": "private_of+somebody/else0000000000="})

    failed = await failure(stranger, call, key)
    await stranger.close()

    assert not failed.retryable


@pytest.mark.parametrize("call", CALLS)
async def test_an_imagekit_that_is_down_is_worth_another_try(key, call):
    nowhere = ImageKitStorage(
        private_key="private",
        public_key="public",
        url_endpoint="http://127.0.0.1:9/x",
        base_url="http://127.0.0.1:9",
    )

    failed = await failure(nowhere, call, key)
    await nowhere.close()

    assert failed.retryable
    assert key not in str(failed)


@pytest.mark.parametrize("call", CALLS)
async def test_an_imagekit_that_hangs_is_not_waited_for(fake, hasty, key, call):
    fake.faults.extend([Fault(method, "/", "hang", times=FOR_GOOD) for method in ("GET", "HEAD", "POST")])

    assert (await failure(hasty, call, key)).retryable


@pytest.mark.parametrize("call", ["put", "head", "delete"])
async def test_what_fails_once_is_tried_again(fake, storage, key, call):
    await storage.put(key, pieces(b"older"))
    for method in ("GET", "POST", "DELETE"):
        fake.faults.append(Fault(method, "/v1/", "refuse"))

    await CALLS[call](storage, key)


async def test_a_download_that_fails_once_is_tried_again(fake, storage, key):
    await storage.put(key, pieces(b"bytes"))
    fake.faults.append(Fault("GET", "/media/", "refuse", times=2))

    assert await read(storage, key) == b"bytes"


async def test_a_download_that_breaks_off_is_no_shorter_object(fake, storage, key):
    await storage.put(key, pieces(b"bytes" * 1_000))
    fake.faults.append(Fault("GET", "/media/", "cut"))

    failed = await failure(storage, "get", key)

    assert failed.retryable
    assert not any(secret in repr(failed) for secret in (key, "ik-s", "http"))
    assert len(await read(storage, key)) == 5_000


@pytest.mark.parametrize("kind", ["refuse", "lose", "cut"])
async def test_an_upload_that_fails_leaves_nothing(fake, storage, key, kind):
    fake.faults.append(Fault("POST", "/upload", kind, times=3))

    failed = await failure(storage, "put", key)

    assert failed.retryable
    assert not fake.library.files
    assert (await storage.put(key, pieces(b"again"))).size_bytes == 5


async def test_an_upload_that_is_refused_leaves_what_was_there_before(fake, storage, key):
    await storage.put(key, pieces(b"older"))
    fake.faults.append(Fault("POST", "/upload", "refuse", times=3))

    with pytest.raises(StorageError):
        await storage.put(key, pieces(b"new"))

    assert await read(storage, key) == b"older"


async def test_an_upload_that_was_kept_shorter_is_not_kept(fake, storage, key):
    fake.cut_bytes = 1

    assert (await failure(storage, "put", key)).retryable
    assert not fake.library.files


async def test_an_upload_that_cannot_be_verified_is_not_kept(fake, storage, key):
    fake.faults.append(Fault("GET", "/details", "refuse", times=3))

    assert (await failure(storage, "put", key)).retryable
    assert not fake.library.files


async def test_a_put_that_is_cancelled_after_the_upload_leaves_nothing(fake, storage, key, monkeypatch):
    monkeypatch.setattr(uploads, "END_WITHIN_SECONDS", 0.0)
    fake.faults.append(Fault("GET", "/details", "hang"))
    putting = asyncio.create_task(storage.put(key, pieces(b"bytes")))
    while not fake.library.files:  # noqa: ASYNC110 - what is waited for happens in another thread
        await asyncio.sleep(0.01)

    putting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await putting
    assert not fake.library.files


async def test_a_put_that_is_cancelled_during_the_upload_lets_it_end_and_undoes_it(fake, storage, key):
    fake.faults.append(Fault("POST", "/upload", "refuse", times=2))
    putting = asyncio.create_task(storage.put(key, pieces(b"bytes")))
    while not fake.asked:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)

    putting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await putting
    assert "POST /v1/files/purge" in fake.asked
    assert not fake.library.files


async def test_a_put_that_is_cancelled_while_imagekit_hangs_ends(fake, storage, key, monkeypatch):
    monkeypatch.setattr(uploads, "END_WITHIN_SECONDS", 0.0)
    fake.faults.append(Fault("POST", "/upload", "hang"))
    putting = asyncio.create_task(storage.put(key, pieces(b"bytes")))
    while not fake.asked:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.01)

    putting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await putting
    assert not fake.library.files


async def test_an_answer_that_makes_no_sense_is_an_error(fake, storage, key):
    await storage.put(key, pieces(b"bytes"))
    fake.faults.extend([Fault("GET", "/v1/files", "refuse", 200), Fault("POST", "/upload", "refuse", 200)])

    for call in ("head", "put"):
        assert (await failure(storage, call, key)).retryable

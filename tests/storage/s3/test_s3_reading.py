"""Reading from S3 over a bad connection: to the end, or an error; never something else."""

from __future__ import annotations

import os

import pytest

from errors import StorageError
from storage.s3 import wire
from tests.storage.faulty_s3 import ALWAYS, breaks_off_after, does_first, refuses, says
from tests.storage.objects import pieces, read, summed


@pytest.fixture(autouse=True)
def _pause_no_longer_than_needed(monkeypatch):
    monkeypatch.setattr(wire, "PAUSES_SECONDS", (0.001, 0.001))


@pytest.mark.parametrize(("start", "end"), [(0, None), (7, None), (7, 250_000)])
async def test_a_body_that_breaks_off_is_read_on_from_there(faulty, storage, key, start, end):
    content = os.urandom(300_000)
    await storage.put(key, pieces(content))
    faulty.on("GET", breaks_off_after(100_000), breaks_off_after(50_000))

    assert await read(storage, key, start=start, end=end) == content[start:end]
    assert faulty.count("GET") == 3


async def test_a_body_that_breaks_off_again_and_again_is_an_error(faulty, storage, key):
    await storage.put(key, pieces(os.urandom(300_000)))
    faulty.on("GET", *[breaks_off_after(10)] * ALWAYS)

    with pytest.raises(StorageError, match="broke off") as failed:
        await read(storage, key)

    assert failed.value.retryable
    assert faulty.count("GET") == 3


async def test_two_objects_are_never_read_as_one(faulty, storage, moto, key):
    await storage.put(key, pieces(os.urandom(300_000)))
    other = moto.storage()
    faulty.on(
        "GET",
        breaks_off_after(100_000),
        does_first(lambda: other.put(key, pieces(os.urandom(300_000)))),
    )

    with pytest.raises(StorageError, match="replaced"):
        await read(storage, key)
    await other.close()


@pytest.mark.parametrize(
    ("sent", "header"), [(pieces, "x_amz_checksum_crc32"), (summed, "x_amz_checksum_sha256")]
)
async def test_an_object_that_is_not_what_was_put_is_not_handed_out_as_sound(
    faulty, storage, key, sent, header
):
    await storage.put(key, sent(b"bytes"))
    faulty.on("GET", says(**{header: "AAAAAA=="}))

    with pytest.raises(StorageError, match="not what was put"):
        await read(storage, key)


async def test_a_part_of_an_object_is_not_the_whole_of_it(faulty, storage, key):
    await storage.put(key, pieces(b"bytes"))

    faulty.on("GET", refuses(200, "as if it were an object"))

    with pytest.raises(StorageError, match="wanted a part"):
        await read(storage, key, start=1)

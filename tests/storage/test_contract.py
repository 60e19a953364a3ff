"""Every adapter keeps every promise of `storage/base.py`."""

from __future__ import annotations

import asyncio
import os
import secrets
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from errors import ObjectNotFoundError
from storage.chunks import CHUNK_BYTES
from storage.filesystem import FilesystemStorage
from storage.gridfs import GridFSStorage
from storage.imagekit.adapter import ImageKitStorage
from storage.memory import MemoryStorage
from tests.imagekit.server import FakeImageKit
from tests.storage.objects import pieces, read

MIB = 2**20


@pytest.fixture
def fake_imagekit():
    with ExitStack() as running:

        def adapter(*, search_is_late):
            fake = running.enter_context(FakeImageKit())
            fake.library.is_late = search_is_late
            return ImageKitStorage(**fake.access)

        yield adapter


ADAPTERS = {
    "memory": lambda *_: MemoryStorage(),
    "filesystem": lambda _, folder, __: FilesystemStorage(folder),
    "gridfs": lambda database, *_: GridFSStorage(database, bucket="contract"),
    "s3-moto": lambda _, __, fixture: fixture("moto").storage(),
    "s3-versitygw": lambda _, __, fixture: fixture("versitygw").storage(),
    "imagekit": lambda _, __, fixture: fixture("fake_imagekit")(search_is_late=False),
    "imagekit with a late search": lambda _, __, fixture: fixture("fake_imagekit")(search_is_late=True),
}


@pytest.fixture(
    params=[
        "memory",
        "filesystem",
        pytest.param("gridfs", marks=pytest.mark.mongo),
        "s3-moto",
        "s3-versitygw",
        "imagekit",
        "imagekit with a late search",
    ]
)
async def storage(request, database, tmp_path):
    adapter = ADAPTERS[request.param](database, tmp_path / "files", request.getfixturevalue)
    await adapter.prepare()
    yield adapter
    await adapter.close()


@pytest.fixture
def key():
    return f"originals/{secrets.token_hex(8)}"


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17])
async def test_what_is_put_comes_back_byte_for_byte(storage, key, size):
    content = os.urandom(size)

    stored = await storage.put(key, pieces(content[: size // 3], memoryview(content)[size // 3 :]))

    assert await read(storage, key) == content
    assert (stored.key, stored.size_bytes) == (key, size)
    known = await storage.head(key)
    assert replace(known, written_at=stored.written_at) == stored
    assert abs(known.written_at - stored.written_at) <= timedelta(seconds=2)


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (5, None), (CHUNK_BYTES - 1, CHUNK_BYTES + 1), (CHUNK_BYTES, None), (7, 7), (10, 10**9)],
)
async def test_a_range_gives_just_its_bytes(storage, key, start, end):
    content = os.urandom(2 * CHUNK_BYTES + 100)
    await storage.put(key, pieces(content))

    assert await read(storage, key, start=start, end=end) == content[start:end]


async def test_a_second_put_replaces_the_first(storage, key):
    await storage.put(key, pieces(b"first"))

    await storage.put(key, pieces(b"second"))

    assert await read(storage, key) == b"second"
    assert [found.size_bytes async for found in storage.list(key)] == [6]


async def test_getting_a_missing_key_raises_object_not_found(storage, key):
    with pytest.raises(ObjectNotFoundError):
        await read(storage, key)
    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)


async def test_a_deleted_object_is_gone_and_may_be_deleted_again(storage, key):
    await storage.put(key, pieces(b"bytes"))

    await storage.delete(key)
    await storage.delete(key)

    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)


async def test_pieces_that_break_off_leave_nothing(storage, key):
    async def broken():
        yield os.urandom(3 * CHUNK_BYTES)
        raise LookupError

    with pytest.raises(LookupError):
        await storage.put(key, broken())

    assert [found async for found in storage.list(key)] == []
    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)


async def test_pieces_that_break_off_leave_what_was_there_before(storage, key):
    async def broken():
        yield b"new"
        raise LookupError

    await storage.put(key, pieces(b"old"))

    with pytest.raises(LookupError):
        await storage.put(key, broken())

    assert await read(storage, key) == b"old"


async def test_a_cancelled_put_leaves_nothing(storage, key):
    begun = asyncio.Event()

    async def endless():
        yield os.urandom(3 * CHUNK_BYTES)
        begun.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(storage.put(key, endless()))
    await begun.wait()
    putting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await putting
    with pytest.raises(ObjectNotFoundError):
        await storage.head(key)


async def test_a_list_has_just_the_keys_with_the_prefix_in_order(storage, key):
    for name in (f"{key}/b", f"{key}/a", f"{key}2/c", f"{key}.d"):
        await storage.put(name, pieces(b"x"))

    assert [found.key async for found in storage.list(f"{key}/")] == [f"{key}/a", f"{key}/b"]


async def test_what_a_list_has_not_come_to_yet_may_be_deleted_on_the_way(storage, key):
    for name in "abc":
        await storage.put(f"{key}/{name}", pieces(b"x"))

    found = []
    async for stored in storage.list(f"{key}/"):
        found.append(stored.key)
        await storage.delete(f"{key}/b")

    assert set(found) - {f"{key}/b"} == {f"{key}/a", f"{key}/c"}


async def test_what_a_list_names_may_be_deleted_on_the_way(storage):
    prefix = f"variants/{secrets.token_hex(8)}/"
    for number in range(250):
        await storage.put(f"{prefix}{number}", pieces(b"x"))

    async for stored in storage.list(prefix):
        await storage.delete(stored.key)

    assert [stored async for stored in storage.list(prefix)] == []


async def test_a_prefix_may_end_within_a_name_and_a_slash_has_its_place_among_the_characters(storage, key):
    names = [f"{key}-a", f"{key}.d", f"{key}/a", f"{key}/b/c", f"{key}/b0", f"{key}0", f"{key}2/c"]
    for name in reversed(names):
        await storage.put(name, pieces(b"x"))

    assert [found.key async for found in storage.list(key)] == names
    assert [found.key async for found in storage.list(f"{key}/b")] == [f"{key}/b/c", f"{key}/b0"]
    assert [found.key async for found in storage.list(f"{key}/b/c/d")] == []


async def test_preparing_again_changes_nothing(storage, key):
    await storage.put(key, pieces(b"bytes"))

    await storage.prepare()

    assert await read(storage, key) == b"bytes"


async def test_nothing_remains_of_puts_that_ended_in_whichever_way(storage, key):
    async def broken():
        yield os.urandom(3 * CHUNK_BYTES)
        raise LookupError

    await storage.put(key, pieces(os.urandom(3 * CHUNK_BYTES)))
    with pytest.raises(LookupError):
        await storage.put(f"{key}2", broken())
    await storage.put(f"{key}3", pieces(b"x"))
    await storage.delete(f"{key}3")

    later = datetime.now(UTC) + timedelta(hours=1)

    assert [remains async for remains in storage.remains(later)] == []


async def test_check_answers(storage):
    await storage.check()


@pytest.mark.mongo
@pytest.mark.parametrize("storage", ["filesystem", "gridfs", "s3-versitygw"], indirect=True)
async def test_200_mib_move_in_constant_memory(storage, key):
    piece = os.urandom(64 * 1024)
    tracemalloc.start()

    await storage.put(key, pieces(*[piece] * (200 * MIB // len(piece))))
    moved = 0
    async for part in storage.get(key):
        moved += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await storage.delete(key)

    assert moved == 200 * MIB
    assert peak < 16 * MIB

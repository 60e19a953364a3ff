"""What only GridFS does: the specification's layout, and no bytes left behind."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from gridfs import AsyncGridFSBucket

from errors import StorageError
from storage import gridfs, gridfs_writing
from storage.chunks import CHUNK_BYTES
from storage.gridfs import GridFSStorage
from tests.storage.objects import pieces

pytestmark = pytest.mark.mongo


@pytest.fixture
async def storage(database):
    adapter = GridFSStorage(database, bucket="layout")
    await adapter.prepare()
    yield adapter
    await database["layout.files"].delete_many({})
    await database["layout.chunks"].delete_many({})


async def test_the_drivers_own_bucket_reads_what_was_put(database, storage):
    content = os.urandom(2 * CHUNK_BYTES + 5)
    await storage.put("key", pieces(content))

    stream = await AsyncGridFSBucket(database, bucket_name="layout").open_download_stream_by_name("key")

    assert await stream.read() == content


async def test_mongodb_does_not_compress_what_is_compressed(database, storage):
    await storage.prepare()  # once more changes nothing

    (chunks,) = await (await database.list_collections(filter={"name": "layout.chunks"})).to_list()

    assert chunks["options"]["storageEngine"]["wiredTiger"]["configString"] == "block_compressor=none"


async def test_chunks_that_were_made_otherwise_stay_as_they_are(database):
    await database.create_collection("chosen.chunks")

    await GridFSStorage(database, bucket="chosen").prepare()

    assert "files_id_1_n_1" in await database["chosen.chunks"].index_information()
    await database.drop_collection("chosen.chunks")
    await database.drop_collection("chosen.files")


async def test_no_chunks_are_left_of_what_was_replaced_deleted_or_broken_off(database, storage):
    async def broken():
        yield os.urandom(3 * CHUNK_BYTES)
        raise LookupError

    await storage.put("key", pieces(b"first"))
    await storage.put("key", pieces(b"second"))
    assert await database["layout.chunks"].count_documents({}) == 1
    await storage.delete("key")
    with pytest.raises(LookupError):
        await storage.put("key", broken())

    assert await database["layout.chunks"].count_documents({}) == 0


async def test_a_missing_chunk_is_an_error_and_not_a_shorter_file(database, storage):
    await storage.put("key", pieces(os.urandom(3 * CHUNK_BYTES)))
    await database["layout.chunks"].delete_one({"n": 1})

    with pytest.raises(StorageError, match="chunk 1"):
        [piece async for piece in storage.get("key")]


async def test_a_put_that_is_cancelled_while_it_completes_keeps_nothing(database, storage, monkeypatch):
    reached, go_on = asyncio.Event(), asyncio.Event()
    complete = storage._writer._ending._commit

    async def slow(endings):
        reached.set()
        await go_on.wait()
        await complete(endings)

    monkeypatch.setattr(storage._writer._ending, "_commit", slow)
    putting = asyncio.create_task(storage.put("key", pieces(b"bytes")))
    await reached.wait()

    putting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await putting

    assert await database["layout.files"].count_documents({}) == 0
    assert await database["layout.chunks"].count_documents({}) == 0


async def test_a_put_that_is_cancelled_while_a_chunk_is_written_keeps_nothing(database, storage, monkeypatch):
    reached, send = asyncio.Event(), gridfs_writing._send

    async def slow(collection, documents):
        async def arrive():
            reached.set()
            await asyncio.sleep(0.2)  # until the clean-up would be over
            return await send(collection, documents)

        return await asyncio.shield(asyncio.create_task(arrive()))  # as a command that the server has already

    monkeypatch.setattr(gridfs_writing, "_send", slow)
    putting = asyncio.create_task(storage.put("key", pieces(os.urandom(3 * CHUNK_BYTES), b"more", b"more")))
    await reached.wait()

    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    await asyncio.sleep(0.4)

    assert await database["layout.files"].count_documents({}) == 0
    assert await database["layout.chunks"].count_documents({}) == 0


async def test_a_long_list_has_every_key_once(storage, monkeypatch):
    monkeypatch.setattr(gridfs, "LISTED_AT_ONCE", 3)
    names = [f"list/{number:02}" for number in range(9)]
    for name in names:
        await storage.put(name, pieces(b"x"))

    assert [found.key async for found in storage.list("list/")] == names


async def test_many_puts_of_one_key_at_once_leave_one_of_them_whole(database, storage):
    contents = [os.urandom(2 * CHUNK_BYTES) for _ in range(8)]

    await asyncio.gather(*(storage.put("key", pieces(content)) for content in contents))

    assert b"".join([piece async for piece in storage.get("key")]) in contents
    assert await database["layout.chunks"].count_documents({}) == 2


async def test_chunks_that_a_dead_put_has_left_are_found_and_removed(database):
    storage = GridFSStorage(database, bucket="remaining")
    await storage.prepare()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    stray = ObjectId.from_datetime(long_ago)
    await database["remaining.chunks"].insert_many(
        {"files_id": stray, "n": number, "data": b"x"} for number in range(3)
    )

    assert [name async for name in storage.remains(long_ago)] == []
    found = [name async for name in storage.remains(long_ago + timedelta(minutes=1))]
    for name in found:
        await storage.discard(name)

    assert found == [str(stray)]
    assert await database["remaining.chunks"].count_documents({}) == 0

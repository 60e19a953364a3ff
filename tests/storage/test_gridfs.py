"""What only GridFS does: the specification's layout, and no bytes left behind."""

from __future__ import annotations

import os

import pytest
from gridfs import AsyncGridFSBucket

from errors import StorageError
from storage.gridfs import CHUNK_BYTES, GridFSStorage

pytestmark = pytest.mark.mongo


@pytest.fixture
async def storage(database):
    adapter = GridFSStorage(database, bucket="layout")
    await adapter.prepare()
    yield adapter
    await database["layout.files"].delete_many({})
    await database["layout.chunks"].delete_many({})


async def pieces(*parts):
    for part in parts:
        yield part


async def test_the_drivers_own_bucket_reads_what_was_put(database, storage):
    content = os.urandom(2 * CHUNK_BYTES + 5)
    await storage.put("key", pieces(content))

    stream = await AsyncGridFSBucket(database, bucket_name="layout").open_download_stream_by_name("key")

    assert await stream.read() == content


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

"""What other systems keep in MongoDB, read and never written: collections of documents, GridFS buckets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from gridfs.asynchronous.grid_file import AsyncGridFSBucket
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

Collection = AsyncCollection[dict[str, Any]]
Database = AsyncDatabase[dict[str, Any]]
PAGE = 100


async def documents(collection: Collection, fields: list[str]) -> AsyncIterator[dict[str, Any]]:
    """Every document in ascending order of `_id`, with these fields alone.

    Page by page, since a cursor that waits for pictures would end; by bounds of the index, since ids of one collection
    may be of several types.
    """
    projection = dict.fromkeys(["_id", *fields], 1)
    page = await collection.find({}, projection).sort("_id").limit(PAGE).to_list()
    while page:
        for document in page:
            yield document
        last = page[-1]["_id"]
        following = collection.find({}, projection).sort("_id").hint([("_id", 1)]).min([("_id", last)])
        page = [document for document in await following.limit(PAGE + 1).to_list() if document["_id"] != last]


async def count(collection: Collection) -> int:
    """About how many documents there are."""
    return await collection.estimated_document_count()


async def content(database: Database, bucket: str, file_id: object) -> AsyncGenerator[bytes, None]:
    """The bytes of a file of GridFS, a chunk at a time; an empty file has none.

    Raises:
        NoFile, CorruptGridFile: The file is gone, or chunks of it are.
    """
    stream = await AsyncGridFSBucket(database, bucket).open_download_stream(file_id)
    try:
        while piece := await stream.readchunk():
            yield piece
    finally:
        await stream.close()


def host(uri: str) -> str:
    """Which servers an address leads to, without a user and password."""
    return urlsplit(uri).netloc.rpartition("@")[2]

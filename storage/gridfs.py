"""GridFS: objects as chunks in MongoDB, the default that needs no further service.

The layout is the GridFS specification's (`fs.files`, `fs.chunks`, 255 KiB a chunk), so any driver or `mongofiles`
reads it. Writing is our own (`storage/gridfs_writing.py`). An object's key is its `filename`, of which there is one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from errors import ObjectNotFoundError, StorageError
from storage.base import StoredObject
from storage.chunks import CHUNK_BYTES
from storage.gridfs_writing import DURABLE, File, Writer, translated

CHUNKS_PER_READ = 5
LISTED_AT_ONCE = 1_000
UNCOMPRESSED = {"wiredTiger": {"configString": "block_compressor=none"}}


class GridFSStorage:
    """Objects in a GridFS bucket of `database`."""

    kind = "gridfs"

    def __init__(self, database: AsyncDatabase[dict[str, Any]], bucket: str = "fs") -> None:
        self._files = database.get_collection(f"{bucket}.files", write_concern=DURABLE)
        self._chunks = database.get_collection(f"{bucket}.chunks", write_concern=DURABLE)
        self._writer = Writer(self._files, self._chunks)

    async def prepare(self) -> None:
        """The indexes are unique: a key has one object, and an object each of its chunks once.

        MongoDB does not try to compress chunks of images, unless it was told so before or will not let itself be told.
        """
        with translated():
            with suppress(OperationFailure):
                await self._chunks.database.create_collection(
                    self._chunks.name, check_exists=False, storageEngine=UNCOMPRESSED
                )
            await self._files.create_index([("filename", ASCENDING)], unique=True)
            await self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        return _stored(await self._writer.put(key, pieces))

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        file = await self._open(key, start, end)
        end = file["length"] if end is None else min(end, file["length"])
        if start >= end:
            return
        expected, last = start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
        async for number, data in self._read_chunks(file, expected, last):
            if number != expected:
                raise StorageError(f"chunk {expected} of {key!r} is missing", retryable=False)
            at = number * CHUNK_BYTES
            yield data[max(start - at, 0) : end - at]
            expected += 1
        if expected <= last:
            raise StorageError(f"chunk {expected} of {key!r} is missing", retryable=False)

    async def head(self, key: str) -> StoredObject:
        return _stored(await self._find(key))

    async def delete(self, key: str) -> None:
        """Forgets the object first, then its bytes: a crash in between leaves stray chunks, never half an object."""
        with translated():
            file = await self._files.find_one_and_delete({"filename": key}, {"_id": 1})
            if file:
                await self._chunks.delete_many({"files_id": file["_id"]})

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """In parts: MongoDB forgets a cursor that rests for ten minutes, as it may while its objects are worked on."""
        begins_so, last = {"$regex": f"^{re.escape(prefix)}"}, ""
        while True:
            with translated():
                part = await self._files.find(
                    {"filename": {**begins_so, "$gt": last}},
                    sort=[("filename", ASCENDING)],
                    limit=LISTED_AT_ONCE,
                ).to_list()
            for file in part:
                yield _stored(file)
            if len(part) < LISTED_AT_ONCE:
                return
            last = part[-1]["filename"]

    async def remains(self, before: datetime) -> AsyncIterator[str]:
        """Chunks without a file, by the id that the file would have."""
        file_of_chunk = {"from": self._files.name, "localField": "_id", "foreignField": "_id", "as": "file"}
        stages: list[dict[str, Any]] = [
            {"$match": {"files_id": {"$lt": ObjectId.from_datetime(before)}}},
            {"$sort": {"files_id": ASCENDING}},
            {"$group": {"_id": "$files_id"}},
            {"$lookup": file_of_chunk},
            {"$match": {"file": []}},
        ]
        with translated():
            async for chunks in await self._chunks.aggregate(stages):
                yield str(chunks["_id"])

    async def discard(self, remains: str) -> None:
        file_id = ObjectId(remains)
        with translated():
            if await self._files.find_one({"_id": file_id}, {"_id": 1}) is None:
                await self._chunks.delete_many({"files_id": file_id})

    async def check(self) -> None:
        with translated():
            await self._files.find_one({}, {"_id": 1})

    async def close(self) -> None:
        return

    async def _find(self, key: str) -> dict[str, Any]:
        with translated():
            file = await self._files.find_one({"filename": key})
        if file is None:
            raise ObjectNotFoundError(key)
        return file

    async def _open(self, key: str, start: int, end: int | None) -> File:
        """The object's entry, and as `chunks` the first that are wanted of it: one command rather than two."""
        wanted = {"$gte": start // CHUNK_BYTES, **({} if end is None else {"$lte": (end - 1) // CHUNK_BYTES})}
        first_chunks = {
            "from": self._chunks.name,
            "localField": "_id",
            "foreignField": "files_id",
            "pipeline": [
                {"$match": {"n": wanted}},
                {"$sort": {"n": ASCENDING}},
                {"$limit": CHUNKS_PER_READ},
                {"$project": {"_id": 0, "n": 1, "data": 1}},
            ],
            "as": "chunks",
        }
        with translated():
            found = await self._files.aggregate([{"$match": {"filename": key}}, {"$lookup": first_chunks}])
            for file in await found.to_list():
                return file
        raise ObjectNotFoundError(key)

    async def _read_chunks(self, file: File, first: int, last: int) -> AsyncIterator[tuple[int, bytes]]:
        for chunk in file["chunks"]:
            yield chunk["n"], chunk["data"]
        first += len(file.pop("chunks"))
        if first > last:
            return
        cursor = self._chunks.find(
            {"files_id": file["_id"], "n": {"$gte": first, "$lte": last}},
            {"_id": 0, "n": 1, "data": 1},
            sort=[("n", ASCENDING)],
            batch_size=CHUNKS_PER_READ,
        )
        async with cursor:
            while True:
                with translated():
                    chunk = await anext(cursor, None)
                if chunk is None:
                    return
                yield chunk["n"], chunk["data"]


def _stored(file: dict[str, Any]) -> StoredObject:
    return StoredObject(file["filename"], file["length"], file["uploadDate"])

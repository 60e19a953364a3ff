"""GridFS: objects as chunks in MongoDB, the default that needs no further service.

The layout is the GridFS specification's (`fs.files`, `fs.chunks`, 255 KiB a chunk), so any driver or `mongofiles`
reads it. Writing is our own: chunks go out two to a command, which holds half a mebibyte of an upload in memory and
costs less than the driver's bucket. An object's key is its `filename`; the newest revision is the object.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from bson import ObjectId
from bson.binary import Binary
from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from errors import ObjectNotFoundError, StorageError
from storage.base import StoredObject

CHUNK_BYTES = 255 * 1024
DURABLE = WriteConcern("majority")
CHUNKS_PER_COMMAND = 2
CHUNKS_PER_READ = 5
log = structlog.get_logger()

NEWEST_FIRST = [("uploadDate", DESCENDING), ("_id", DESCENDING)]


class GridFSStorage:
    """Objects in a GridFS bucket of `database`."""

    kind = "gridfs"

    def __init__(self, database: AsyncDatabase[dict[str, Any]], bucket: str = "fs") -> None:
        self._files = database.get_collection(f"{bucket}.files", write_concern=DURABLE)
        self._chunks = database.get_collection(f"{bucket}.chunks", write_concern=DURABLE)

    async def prepare(self) -> None:
        """Makes the two indexes that the specification asks for."""
        with _translated():
            await self._files.create_index([("filename", ASCENDING), ("uploadDate", ASCENDING)])
            await self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        file_id = ObjectId()
        try:
            size_bytes = await self._write_chunks(file_id, pieces)
            written_at = await self._publish(file_id, key, size_bytes)
        except BaseException:
            await asyncio.shield(self._abandon(file_id))
            raise
        await self._remove(key, older_than=file_id)
        return StoredObject(key, size_bytes, written_at)

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        file = await self._find(key)
        end = file["length"] if end is None else min(end, file["length"])
        if start >= end:
            return
        expected, last = start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
        async for number, data in self._read_chunks(file["_id"], expected, last):
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
        await self._remove(key)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        newest: StoredObject | None = None
        order = [("filename", ASCENDING), ("uploadDate", ASCENDING), ("_id", ASCENDING)]
        with _translated():
            async for file in self._files.find({"filename": {"$regex": f"^{re.escape(prefix)}"}}, sort=order):
                found = _stored(file)
                if newest and newest.key != found.key:
                    yield newest
                newest = found
        if newest:
            yield newest

    async def check(self) -> None:
        with _translated():
            await self._files.find_one({}, {"_id": 1})

    async def _write_chunks(self, file_id: ObjectId, pieces: AsyncIterator[bytes | memoryview]) -> int:
        waiting: list[bytes] = []
        number = size_bytes = 0
        async for chunk in _chunked(pieces):
            waiting.append(chunk)
            size_bytes += len(chunk)
            if len(waiting) == CHUNKS_PER_COMMAND:
                await self._insert(file_id, number, waiting)
                number += len(waiting)
                waiting = []
        if waiting:
            await self._insert(file_id, number, waiting)
        return size_bytes

    async def _insert(self, file_id: ObjectId, first_number: int, chunks: Iterable[bytes]) -> None:
        with _translated():
            await self._chunks.insert_many(
                {"_id": ObjectId(), "files_id": file_id, "n": number, "data": Binary(chunk)}
                for number, chunk in enumerate(chunks, first_number)
            )

    async def _publish(self, file_id: ObjectId, key: str, size_bytes: int) -> datetime:
        now = datetime.now(UTC)
        written_at = now.replace(microsecond=now.microsecond // 1000 * 1000)  # what BSON can keep
        file = {
            "_id": file_id,
            "filename": key,
            "length": size_bytes,
            "chunkSize": CHUNK_BYTES,
            "uploadDate": written_at,
        }
        with _translated():
            await self._files.insert_one(file)
        return written_at

    async def _abandon(self, file_id: ObjectId) -> None:
        """Removes what a put that failed may have left; the reason that it failed goes on, whatever happens here."""
        try:
            await self._files.delete_one({"_id": file_id})
            await self._chunks.delete_many({"files_id": file_id})
        except PyMongoError as error:
            log.warning("chunks are left over", files_id=str(file_id), reason=str(error))

    async def _find(self, key: str) -> dict[str, Any]:
        with _translated():
            file = await self._files.find_one({"filename": key}, sort=NEWEST_FIRST)
        if file is None:
            raise ObjectNotFoundError(key)
        return file

    async def _read_chunks(
        self, file_id: ObjectId, first: int, last: int
    ) -> AsyncIterator[tuple[int, bytes]]:
        cursor = self._chunks.find(
            {"files_id": file_id, "n": {"$gte": first, "$lte": last}},
            {"_id": 0, "n": 1, "data": 1},
            sort=[("n", ASCENDING)],
            batch_size=CHUNKS_PER_READ,
        )
        async with cursor:
            while True:
                with _translated():
                    chunk = await anext(cursor, None)
                if chunk is None:
                    return
                yield chunk["n"], chunk["data"]

    async def _remove(self, key: str, *, older_than: ObjectId | None = None) -> None:
        """Forgets the object first, then its bytes: a crash in between leaves stray chunks, never half an object."""
        older = {"_id": {"$lt": older_than}} if older_than else {}
        with _translated():
            found = await self._files.find({"filename": key, **older}, {"_id": 1}).to_list()
            if not found:
                return
            ids = [file["_id"] for file in found]
            await self._files.delete_many({"_id": {"$in": ids}})
            await self._chunks.delete_many({"files_id": {"$in": ids}})


async def _chunked(pieces: AsyncIterator[bytes | memoryview]) -> AsyncIterator[bytes]:
    """The same bytes, cut into chunks of CHUNK_BYTES; only the last may be shorter."""
    waiting: list[bytes | memoryview] = []
    waiting_bytes = 0
    async for piece in pieces:
        rest = memoryview(piece)
        while waiting_bytes + len(rest) >= CHUNK_BYTES:
            cut = CHUNK_BYTES - waiting_bytes
            yield b"".join([*waiting, rest[:cut]])
            rest, waiting, waiting_bytes = rest[cut:], [], 0
        if len(rest):
            waiting.append(rest)
            waiting_bytes += len(rest)
    if waiting:
        yield b"".join(waiting)


def _stored(file: dict[str, Any]) -> StoredObject:
    return StoredObject(file["filename"], file["length"], file["uploadDate"])


@contextmanager
def _translated() -> Iterator[None]:
    """PyMongo's exceptions, as ours."""
    try:
        yield
    except PyMongoError as error:
        raise StorageError(f"GridFS: {error}", retryable=isinstance(error, ConnectionFailure)) from error

"""GridFS: objects as chunks in MongoDB, the default that needs no further service.

The layout is the GridFS specification's (`fs.files`, `fs.chunks`, 255 KiB a chunk), so any driver or `mongofiles`
reads it. Writing is our own: chunks go out two to a command, which holds half a mebibyte of an upload in memory and
costs less than the driver's bucket; objects that are completed at the same time share a command. An object's key is
its `filename`, of which there is one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from bson import ObjectId
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from errors import ObjectNotFoundError, StorageError
from group_commit import GroupCommit
from storage.base import StoredObject
from storage.chunks import CHUNK_BYTES, Chunk, Cutter

DUPLICATE_KEY = 11000
DURABLE = WriteConcern("majority")
CHUNKS_PER_COMMAND = 2
CHUNKS_PER_READ = 5
ENDINGS_PER_COMMAND = 8
log = structlog.get_logger()

Collection = AsyncCollection[dict[str, Any]]
File = dict[str, Any]


@dataclass
class _Writing:
    """An object on its way in; `begun` once there may be something of it to be abandoned."""

    file_id: ObjectId
    size_bytes: int = 0
    begun: bool = False


@dataclass(frozen=True)
class _Ending:
    """What makes an object of chunks that are written: the last of them, and its entry among the files."""

    file: File
    chunks: Sequence[Chunk]


class GridFSStorage:
    """Objects in a GridFS bucket of `database`."""

    kind = "gridfs"

    def __init__(self, database: AsyncDatabase[dict[str, Any]], bucket: str = "fs") -> None:
        self._files = database.get_collection(f"{bucket}.files", write_concern=DURABLE)
        self._chunks = database.get_collection(f"{bucket}.chunks", write_concern=DURABLE)
        self._ending = GroupCommit(self._end_all, largest_group=ENDINGS_PER_COMMAND)

    async def prepare(self) -> None:
        """The indexes are unique: a key has one object, and an object each of its chunks once."""
        with _translated():
            await self._files.create_index([("filename", ASCENDING)], unique=True)
            await self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        writing = _Writing(ObjectId())
        try:
            last_chunks = await self._write_chunks(writing, pieces)
            file = _file(writing.file_id, key, writing.size_bytes)
            await self._end(writing, _Ending(file, last_chunks))
        except BaseException:
            if writing.begun:
                await asyncio.shield(self._abandon(writing.file_id))
            raise
        return _stored(file)

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
        with _translated():
            file = await self._files.find_one_and_delete({"filename": key}, {"_id": 1})
            if file:
                await self._chunks.delete_many({"files_id": file["_id"]})

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        named_so = {"filename": {"$regex": f"^{re.escape(prefix)}"}}
        with _translated():
            async for file in self._files.find(named_so, sort=[("filename", ASCENDING)]):
                yield _stored(file)

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
        with _translated():
            async for chunks in await self._chunks.aggregate(stages):
                yield str(chunks["_id"])

    async def discard(self, remains: str) -> None:
        file_id = ObjectId(remains)
        with _translated():
            if await self._files.find_one({"_id": file_id}, {"_id": 1}) is None:
                await self._chunks.delete_many({"files_id": file_id})

    async def check(self) -> None:
        with _translated():
            await self._files.find_one({}, {"_id": 1})

    async def close(self) -> None:
        return

    async def _write_chunks(
        self, writing: _Writing, pieces: AsyncIterator[bytes | memoryview]
    ) -> Sequence[Chunk]:
        """Writes all chunks but the last few, which it gives: whole ones go out when there is more to come."""
        cutter = Cutter(writing.file_id)
        async for piece in pieces:
            if len(cutter.whole) >= CHUNKS_PER_COMMAND:
                writing.begun = True
                with _translated():
                    await _insert(self._chunks, cutter.whole)
                cutter.whole = []
            cutter.feed(piece)
            writing.size_bytes += len(piece)
        return cutter.rest()

    async def _end(self, writing: _Writing, ending: _Ending) -> None:
        """Makes an object of its chunks. Whoever is cancelled waits for it, to know what is to be abandoned."""
        writing.begun = True
        ended = asyncio.ensure_future(self._ending.add(ending))
        try:
            with _translated():
                await asyncio.shield(ended)
        except asyncio.CancelledError:
            await asyncio.wait({ended})
            raise

    async def _end_all(self, endings: Sequence[_Ending]) -> None:
        """The chunks first; an object that takes the place of another does so in one step."""
        chunks = [chunk for ending in endings for chunk in ending.chunks]
        if chunks:
            await _insert(self._chunks, chunks)
        files = [ending.file for ending in endings]
        for taken in await _insert(self._files, files):
            await self._replace(files[taken])

    async def _replace(self, file: File) -> None:
        async def write(session: AsyncClientSession) -> File | None:
            replaced = await self._files.find_one_and_delete({"filename": file["filename"]}, session=session)
            await self._files.insert_one(file, session=session)
            return replaced

        async with self._files.database.client.start_session() as session:
            replaced = await session.with_transaction(write, write_concern=DURABLE)
        if replaced and replaced["_id"] != file["_id"]:
            await self._chunks.delete_many({"files_id": replaced["_id"]})

    async def _abandon(self, file_id: ObjectId) -> None:
        """Removes what a put that failed may have left; the reason that it failed goes on, whatever happens here."""
        try:
            await self._files.delete_one({"_id": file_id})
            await self._chunks.delete_many({"files_id": file_id})
        except PyMongoError as error:
            log.warning("chunks are left over", files_id=str(file_id), reason=str(error))

    async def _find(self, key: str) -> dict[str, Any]:
        with _translated():
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
        with _translated():
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
                with _translated():
                    chunk = await anext(cursor, None)
                if chunk is None:
                    return
                yield chunk["n"], chunk["data"]


async def _insert(collection: Collection, documents: Sequence[dict[str, Any]]) -> list[int]:
    """Inserts them with one command; gives the positions of those that are refused because there is one of their key.

    The driver's `insert_many` costs half as much again. As it would, this is sent once more over a new connection; what
    had gone through the first time is then refused as known.
    """
    try:
        reply = await _send(collection, documents)
    except ConnectionFailure:
        reply = await _send(collection, documents)
    refused = reply.get("writeErrors", [])
    if any(refusal["code"] != DUPLICATE_KEY for refusal in refused) or "writeConcernError" in reply:
        raise OperationFailure("an insert was refused", details=reply)
    return [refusal["index"] for refusal in refused]


async def _send(collection: Collection, documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return await collection.database.command(
        {
            "insert": collection.name,
            "ordered": False,
            "writeConcern": DURABLE.document,
            "documents": documents,
        }
    )


def _file(file_id: ObjectId, key: str, size_bytes: int) -> File:
    now = datetime.now(UTC)
    return {
        "_id": file_id,
        "filename": key,
        "length": size_bytes,
        "chunkSize": CHUNK_BYTES,
        "uploadDate": now.replace(microsecond=now.microsecond // 1000 * 1000),  # what BSON can keep
    }


def _stored(file: dict[str, Any]) -> StoredObject:
    return StoredObject(file["filename"], file["length"], file["uploadDate"])


@contextmanager
def _translated() -> Iterator[None]:
    """PyMongo's exceptions, as ours."""
    try:
        yield
    except PyMongoError as error:
        raise StorageError(f"GridFS: {error}", retryable=isinstance(error, ConnectionFailure)) from error

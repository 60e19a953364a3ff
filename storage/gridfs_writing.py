"""Writing to GridFS: whole objects or nothing.

Chunks go out two to a command, which holds half a mebibyte of an upload in memory and costs less than the driver's
bucket; objects that are completed at the same time share a command.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from errors import StorageError
from group_commit import GroupCommit
from storage.chunks import CHUNK_BYTES, Chunk, Cutter

DUPLICATE_KEY = 11000
DURABLE = WriteConcern("majority")
CHUNKS_PER_COMMAND = 2
ENDINGS_PER_COMMAND = 8
COMPANY_SECONDS = 0.02
"""How long an object that ends waits for others, where others came before: a command costs `mongod` half a millisecond,
whoever shares it."""

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


class Writer:
    """Keeps objects in a bucket's two collections."""

    def __init__(self, files: Collection, chunks: Collection) -> None:
        self._files = files
        self._chunks = chunks
        self._ending = GroupCommit(
            self._end_all, largest_group=ENDINGS_PER_COMMAND, company_seconds=COMPANY_SECONDS
        )

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> File:
        """Keeps the bytes as the object's only ones, as `storage/base.py` promises; gives its entry."""
        writing = _Writing(ObjectId())
        try:
            last_chunks = await self._write_chunks(writing, pieces)
            file = _file(writing.file_id, key, writing.size_bytes)
            await self._end(writing, _Ending(file, last_chunks))
        except BaseException:
            if writing.begun:
                await asyncio.shield(self._abandon(writing.file_id))
            raise
        return file

    async def _write_chunks(
        self, writing: _Writing, pieces: AsyncIterator[bytes | memoryview]
    ) -> Sequence[Chunk]:
        """Writes all chunks but the last few, which it gives: whole ones go out when there is more to come."""
        cutter = Cutter(writing.file_id)
        async for piece in pieces:
            if len(cutter.whole) >= CHUNKS_PER_COMMAND:
                writing.begun = True
                await _to_its_end(_insert(self._chunks, cutter.whole))
                cutter.whole = []
            cutter.feed(piece)
            writing.size_bytes += len(piece)
        return cutter.rest()

    async def _end(self, writing: _Writing, ending: _Ending) -> None:
        """Makes an object of its chunks."""
        writing.begun = True
        await _to_its_end(self._ending.add(ending))

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


async def _to_its_end(writing: Awaitable[object]) -> None:
    """Waits for it, also when cancelled meanwhile: a command that is on its way would write behind the clean-up."""
    ended = asyncio.ensure_future(writing)
    try:
        with translated():
            await asyncio.shield(ended)
    except asyncio.CancelledError:
        await asyncio.wait({ended})
        raise


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


@contextmanager
def translated() -> Iterator[None]:
    """PyMongo's exceptions, as ours."""
    try:
        yield
    except PyMongoError as error:
        raise StorageError(f"GridFS: {error}", retryable=isinstance(error, ConnectionFailure)) from error

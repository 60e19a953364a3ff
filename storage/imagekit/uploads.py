"""Bytes put into the media library as a file: whole and as sent, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import BinaryIO, Final

import structlog
from anyio import CancelScope

from errors import StorageError
from storage.base import StoredObject
from storage.imagekit import names
from storage.imagekit.api import Api
from storage.imagekit.delivery import Delivery
from storage.imagekit.recent import Recent

END_WITHIN_SECONDS: Final = 5.0
"""How long an upload may go on whose caller was cancelled: one that ends has an id, by which it can be undone."""

log = structlog.get_logger()


class Uploads:
    """Makes files of bytes. `delete` removes an object again."""

    def __init__(
        self, api: Api, delivery: Delivery, recent: Recent, delete: Callable[[str], Awaitable[None]]
    ) -> None:
        self._api = api
        self._delivery = delivery
        self._recent = recent
        self._delete = delete

    async def put(self, key: str, content: bytes | BinaryIO, size_bytes: int) -> StoredObject:
        """Keeps the content under that key. Whoever is cancelled waits until it is known what is to be undone."""
        putting = asyncio.ensure_future(self._put(key, content, size_bytes))
        try:
            return await asyncio.shield(putting)
        except asyncio.CancelledError:
            await self._abandon(key, putting)
            raise

    async def _put(self, key: str, content: bytes | BinaryIO, size_bytes: int) -> StoredObject:
        path = names.path(key)
        try:
            file_id = await self._api.upload(*names.split(path), content)
        except BaseException as error:
            if not isinstance(error, StorageError) or error.retryable:  # else it was refused
                await self._undo_perhaps(key, path, size_bytes)
            raise
        sent = StoredObject(key, size_bytes, datetime.now(UTC))
        self._recent.has_put(file_id, sent)
        try:
            stored = await self._verified(file_id, sent)
        except BaseException:
            await self._undo(key)
            raise
        self._recent.has_put(file_id, stored)
        return stored

    async def _verified(self, file_id: str, sent: StoredObject) -> StoredObject:
        entry = await self._api.details(file_id)
        if entry is None:
            raise StorageError("ImageKit does not know what it has just taken")
        if (names.key(entry.path), entry.size_bytes) != (sent.key, sent.size_bytes):
            raise StorageError("ImageKit has kept something else than what was sent")
        return StoredObject(sent.key, entry.size_bytes, entry.written_at)

    async def _abandon(self, key: str, putting: asyncio.Future[StoredObject]) -> None:
        with CancelScope(shield=True):
            await asyncio.wait({putting}, timeout=END_WITHIN_SECONDS)
            putting.cancel()
            await asyncio.wait({putting})
            if not putting.cancelled() and putting.exception() is None:
                await self._undo(key)

    async def _undo_perhaps(self, key: str, path: str, size_bytes: int) -> None:
        """Undoes an upload whose answer was lost. What has another size is what was there before."""
        try:
            delivered = await self._delivery.head(path)
        except StorageError as error:
            log.warning("an upload may have left something", reason=str(error))
            return
        if delivered and delivered.size_bytes == size_bytes:
            await self._undo(key)

    async def _undo(self, key: str) -> None:
        """Removes what an upload has left; the reason that it failed goes on, whatever happens here."""
        try:
            await self._delete(key)
        except StorageError as error:
            log.warning("an upload has left something", reason=str(error))

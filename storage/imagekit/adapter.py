"""Objects at ImageKit: private files, reached by signed addresses that end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Final

import structlog
from imagekitio.types.shared_params import Transformation

from errors import ObjectNotFoundError, StorageError
from storage.abilities import Rendering, UploadTarget
from storage.base import StoredObject
from storage.imagekit import names
from storage.imagekit.api import Api, Entry
from storage.imagekit.client_uploads import ClientUploads
from storage.imagekit.delivery import Delivery, NothingThereError
from storage.imagekit.index import Index
from storage.imagekit.recent import Recent
from storage.imagekit.spool import Spool
from storage.imagekit.uploads import Uploads
from storage.threads import Threads

NOTHING: Final = "/nothing"
"""Delivery answers that there is no such file, unless it does not know who signs."""

TIMEOUT_SECONDS: Final = 30.0
THREADS: Final = 8
SEARCH_AGAIN_AFTER_SECONDS: Final = (0.5, 1.0, 2.0)
PURGE_AGAIN_AFTER_SECONDS: Final = 3_600.0
"""ImageKit takes 1,000 purges a month unless asked for more."""

CROPS: Final[dict[str, Transformation]] = {"fill": {"crop": "force"}, "cover": {"crop": "maintain_ratio"}}
FORMATS: Final[dict[str, Transformation]] = {
    "image/jpeg": {"format": "jpg"},
    "image/png": {"format": "png"},
    "image/webp": {"format": "webp"},
    "image/avif": {"format": "avif"},
    "image/gif": {"format": "gif"},
}

log = structlog.get_logger()


class ImageKitStorage:
    """Objects in ImageKit's media library.

    The library is asked for a file by its id, which only a search tells, and the search knows of a file seconds after
    it was put. Delivery knows at once. So delivery decides whether there is an object; and one that is there and not
    found yet is not deleted, but is worth trying again.

    Two things are ImageKit's own. Something that is put over an object and fails on the way may take the object with
    it. An attachment is called after the key.
    """

    kind = "imagekit"

    def __init__(
        self,
        *,
        private_key: str,
        public_key: str,
        url_endpoint: str,
        base_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._api = Api(
            private_key=private_key,
            url_endpoint=url_endpoint,
            base_url=base_url,
            timeout_seconds=timeout_seconds,
        )
        self._delivery = Delivery(self._api, timeout_seconds=timeout_seconds)
        self._client_uploads = ClientUploads(
            private_key=private_key, public_key=public_key, base_url=base_url
        )
        self._recent = Recent()
        self._index = Index(self._api, self._recent)
        self._uploads = Uploads(self._api, self._delivery, self._recent, self.delete)
        self._threads = Threads(THREADS)
        self._purges_from = 0.0

    async def prepare(self) -> None:
        return

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        names.path(key)  # refuses before it takes anything
        async with Spool(self._threads) as spool:
            async for piece in pieces:
                await spool.add(piece)
            return await self._uploads.put(key, await spool.content(), spool.size_bytes)

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        path = names.path(key)
        if end is not None and end <= start:
            if await self._delivery.head(path) is None:
                raise ObjectNotFoundError(key)
            return
        try:
            async with aclosing(self._delivery.read(path, start, end)) as pieces:
                async for piece in pieces:
                    yield piece
        except NothingThereError as error:
            raise ObjectNotFoundError(key) from error

    async def head(self, key: str) -> StoredObject:
        path = names.path(key)
        entry = await self._find(key, path)
        if entry:
            return _stored(key, entry)
        delivered = await self._delivery.head(path)
        if delivered is None:
            raise ObjectNotFoundError(key)
        return StoredObject(key, delivered.size_bytes, delivered.written_at)

    async def delete(self, key: str) -> None:
        path = names.path(key)
        for delay in (0.0, *SEARCH_AGAIN_AFTER_SECONDS):
            await asyncio.sleep(delay)
            if await self._delete_found(key, path) or await self._delivery.head(path) is None:
                return
        await self._purge(path)  # if it is not younger than the search, it is older than a cache
        raise StorageError("ImageKit delivers an object that its search does not find yet")

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        async for stored in self._index.below(prefix):
            yield stored

    async def remains(self, before: datetime) -> AsyncIterator[str]:  # noqa: ARG002 - there never are any
        nothing: tuple[str, ...] = ()
        for name in nothing:
            yield name

    async def discard(self, remains: str) -> None:  # noqa: ARG002 - as above
        return

    async def check(self) -> None:
        await self._api.check()
        await self._delivery.head(NOTHING)

    async def close(self) -> None:
        await self._delivery.close()
        await self._api.close()

    async def link(self, key: str, *, media_type: str, filename: str, ttl_seconds: int) -> str:  # noqa: ARG002 - ImageKit takes neither
        return await self._api.address(
            names.path(key), {"original": True}, ttl_seconds=ttl_seconds, **{"ik-attachment": "true"}
        )

    async def derived_link(self, key: str, rendering: Rendering, *, ttl_seconds: int) -> str:
        return await self._api.address(names.path(key), transformation(rendering), ttl_seconds=ttl_seconds)

    async def upload_target(
        self,
        key: str,
        *,
        media_type: str,  # noqa: ARG002 - ImageKit would refuse what turns out to be of another type, where others take it
        size_bytes: int,
        ttl_seconds: int,
    ) -> UploadTarget:
        return self._client_uploads.target(names.path(key), size_bytes=size_bytes, ttl_seconds=ttl_seconds)

    async def _file_ids(self, key: str, path: str) -> AsyncIterator[str]:
        """What the object's file may be called: what this process knows, then what the search knows."""
        if known := self._recent.file_id(key):
            yield known
        if found := await self._index.file_id(path):
            yield found

    async def _find(self, key: str, path: str) -> Entry | None:
        async for file_id in self._file_ids(key, path):
            entry = await self._api.details(file_id)
            if entry and entry.path == path:
                return entry
        return None

    async def _delete_found(self, key: str, path: str) -> bool:
        """Deletes the object's file, if it is known; whether there was one."""
        async for file_id in self._file_ids(key, path):
            if await self._api.delete(file_id):
                self._recent.has_deleted(key, file_id)
                await self._purge(path)
                return True
        return False

    async def _purge(self, path: str) -> None:
        """Lets addresses that are still good lead nowhere, if ImageKit has purges left."""
        if time.monotonic() < self._purges_from:
            return
        try:
            await self._api.purge(path)
        except StorageError as error:
            self._purges_from = time.monotonic() + PURGE_AGAIN_AFTER_SECONDS
            log.warning("ImageKit's caches keep what was deleted until its addresses end", reason=str(error))


def transformation(rendering: Rendering) -> Transformation:
    """The rendering in ImageKit's words. What an account's own settings could change is said.

    The SDK leaves out what is false, so that is said in raw words: metadata, and a colour profile by itself.
    """
    return {
        "rotation": "auto",
        "width": rendering.width_px,
        "height": rendering.height_px,
        **CROPS[rendering.fit],
        **FORMATS[rendering.media_type],
        "quality": rendering.quality,
        "raw": f"md-{'true' if rendering.keep_metadata else 'false'},cp-false",
    }


def _stored(key: str, entry: Entry) -> StoredObject:
    return StoredObject(key, entry.size_bytes, entry.written_at)

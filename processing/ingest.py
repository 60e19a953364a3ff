"""The one entrance for images: probe, store, remember.

Bytes first, document second: a crash in between leaves a stray object, never a document without bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from beanie import PydanticObjectId

from errors import DuplicateImageError, FileTooLargeError, OutcomeUnknownError, StorageError
from failpoints import failpoint
from models import words
from models.image import Image, StoredAt
from processing import filenames
from processing.probe import Limits, Probe
from processing.register import Register
from storage import keys
from storage.base import Storage

RACES = 3  # the image with the same bytes may fail just when it would have been the answer


@dataclass(frozen=True)
class IngestLimits:
    """What is taken in."""

    max_file_size_bytes: int
    probe: Limits


@dataclass(frozen=True)
class Incoming:
    """A file on its way in, and what its sender says of it. `pieces` is read once."""

    owner_id: PydanticObjectId
    filename: str
    pieces: AsyncGenerator[bytes | memoryview, None]
    caption: str | None
    tags: list[str]


@dataclass(frozen=True)
class Ingested:
    """The image of the bytes that came in; `duplicate` if the owner had it before."""

    image: Image
    duplicate: bool


class Intake:
    """The entrance. One for a process: uploads that end at the same time are remembered together.

    Args:
        storage: Where the bytes of new images go.
        register: Where their documents go.
        limits: What is taken in.
    """

    def __init__(self, storage: Storage, register: Register, limits: IngestLimits) -> None:
        self._storage = storage
        self._register = register
        self._limits = limits

    async def take_in(self, incoming: Incoming) -> Ingested:
        """Takes a file in. When it returns, the image is durable and its development is waiting for a worker.

        Raises:
            FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError: Nothing is kept.
        """
        image_id = PydanticObjectId()  # its key needs one before its document exists
        key = keys.original(str(incoming.owner_id), str(image_id))
        inspection = Inspection(self._limits)
        async with aclosing(incoming.pieces):
            await self._storage.put(key, inspection.passing(incoming.pieces))
        failpoint("ingest.stored")
        image = _document(image_id, incoming, inspection, StoredAt(kind=self._storage.kind, key=key))
        try:
            ingested = await self._settle(image)
        except OutcomeUnknownError:  # there may be a document now: stray bytes are better than none
            raise
        except Exception:
            await self._discard(key)
            raise
        if ingested.duplicate:
            await self._discard(key)
        return ingested

    async def _settle(self, image: Image) -> Ingested:
        """The new image remembered, or the one that the owner has of the same bytes."""
        for _ in range(RACES):
            try:
                await self._register.enter(image)
            except DuplicateImageError:
                if existing := await Image.with_bytes(image.owner_id, image.checksum_sha256):
                    return Ingested(existing, duplicate=True)
            else:
                return Ingested(image, duplicate=False)
        raise StorageError("the same bytes come and go too quickly")

    async def _discard(self, key: str) -> None:
        failpoint("ingest.refused")
        await self._storage.delete(key)


class Inspection:
    """Looks at bytes while they pass: their number, their checksum, what they are."""

    def __init__(self, limits: IngestLimits) -> None:
        self._limit_bytes = limits.max_file_size_bytes
        self._probe = Probe(limits.probe)
        self._checksum = hashlib.sha256()
        self.size_bytes = 0

    async def passing(self, pieces: AsyncIterator[bytes | memoryview]) -> AsyncIterator[bytes | memoryview]:
        """The same pieces; raises as soon as they turn out to be nothing that is taken in."""
        async for piece in pieces:
            self.size_bytes += len(piece)
            if self.size_bytes > self._limit_bytes:
                raise FileTooLargeError(self._limit_bytes)
            self._probe.feed(piece)
            self._checksum.update(piece)
            yield piece
        self.probed = self._probe.finish()

    @property
    def checksum_sha256(self) -> str:
        """Of all that has passed, in hex."""
        return self._checksum.hexdigest()


def _document(
    image_id: PydanticObjectId, incoming: Incoming, inspection: Inspection, stored_at: StoredAt
) -> Image:
    now = datetime.now(UTC)
    probed = inspection.probed
    filename = filenames.safe(incoming.filename)
    return Image(
        id=image_id,
        owner_id=incoming.owner_id,
        filename=filename,
        caption=incoming.caption,
        tags=incoming.tags,
        words=words.of(filename, incoming.caption, incoming.tags),
        sort_name=words.sort_name(filename),
        media_type=probed.media_type,
        size_bytes=inspection.size_bytes,
        width_px=probed.width_px,
        height_px=probed.height_px,
        frame_count=probed.frame_count,
        checksum_sha256=inspection.checksum_sha256,
        storage=stored_at,
        created_at=now,
        updated_at=now,
    )

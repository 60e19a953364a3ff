"""The one entrance for images: probe, store, remember.

Bytes first, document second: a crash in between leaves a stray object, never a document without bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId

from errors import (
    CorruptImageError,
    DuplicateImageError,
    FileTooLargeError,
    OutcomeUnknownError,
    StorageError,
)
from failpoints import failpoint
from models import transactions, words
from models.image import Image, MetadataPolicy, StoredAt
from models.transactions import Transaction
from processing import cleanup, filenames
from processing.idempotency import Keeper
from processing.probe import Limits, Probe
from processing.quota import Quota, Reservation
from processing.register import Entry, Register, answer
from storage import keys
from storage.base import Storage

RACES = 3  # the image with the same bytes may fail just when it would have been the answer


@dataclass(frozen=True)
class IngestLimits:
    """What is taken in."""

    max_file_size_bytes: int
    probe: Limits


@dataclass(frozen=True)
class Labels:
    """What its sender says of a file."""

    caption: str | None
    tags: list[str]
    metadata_policy: MetadataPolicy


@dataclass(frozen=True)
class Declared:
    """What was said of a file's bytes before they came, the checksum perhaps."""

    size_bytes: int
    checksum_sha256: str | None


async def unasked() -> None:
    """Nobody sends it who could have left meanwhile."""


@dataclass(frozen=True)
class Incoming:
    """A file on its way in. `pieces` is read once; `confirm` raises if its sender may not send it any more.

    With `declared`, other bytes are refused.
    """

    owner_id: PydanticObjectId
    filename: str
    pieces: AsyncGenerator[bytes | memoryview, None]
    labels: Labels
    confirm: Callable[[], Awaitable[None]] = unasked
    declared: Declared | None = None


@dataclass(frozen=True)
class Ingested:
    """The image of the bytes that came in; `duplicate` if the owner had it before."""

    image: Image
    duplicate: bool

    @classmethod
    def again(cls, answer: Mapping[str, Any]) -> Ingested:
        """What was answered before, from what the idempotency key kept of it."""
        return cls(Image.model_validate(answer["image"]), answer["duplicate"])


class Intake:
    """The entrance. One for a process: uploads that end at the same time are remembered together.

    Args:
        storage: Where the bytes of new images go.
        register: Where their documents go.
        limits: What is taken in.
        quota: How much of it an owner may keep.
    """

    def __init__(self, storage: Storage, register: Register, limits: IngestLimits, quota: Quota) -> None:
        self._storage = storage
        self._register = register
        self._limits = limits
        self._quota = quota

    async def expect(self, owner_id: PydanticObjectId, size_bytes: int) -> None:
        """Says early that a file of this size would be refused; takes no room.

        Raises:
            FileTooLargeError, QuotaExceededError: It would.
        """
        if size_bytes > self._limits.max_file_size_bytes:
            raise FileTooLargeError(self._limits.max_file_size_bytes)
        async with self._quota.reservation(owner_id) as reservation:
            await reservation.expect(size_bytes)

    async def take_in(self, incoming: Incoming, keeper: Keeper | None = None) -> Ingested:
        """Takes a file in. When it returns, the image is durable and its development is waiting for a worker.

        Args:
            incoming: The file.
            keeper: Keeps the answer, such as a hold on an idempotency key.

        Raises:
            FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
                Nothing is kept.
            UnauthenticatedError: The sender was signed out while the file came in. Nothing is kept.
        """
        async with self._quota.reservation(incoming.owner_id) as reservation:
            image = await self._store(incoming, reservation)
            try:
                await incoming.confirm()
                ingested = await self._settle(Entry(image, reservation, keeper))
            except OutcomeUnknownError:  # there may be a document now: stray bytes are better than none
                raise
            except Exception:
                await self._discard(image)
                raise
            if ingested.duplicate:
                await self._discard(image)
            else:
                failpoint("ingest.committed")
            return ingested

    async def _store(self, incoming: Incoming, reservation: Reservation) -> Image:
        """The image that is to be remembered; its bytes are durable."""
        image_id = PydanticObjectId()  # its key needs one before its document exists
        key = keys.original(str(incoming.owner_id), str(image_id))
        inspection = Inspection(self._limits, reservation, incoming.declared)
        async with aclosing(incoming.pieces):
            await self._storage.put(key, inspection.passing(incoming.pieces))
        failpoint("ingest.stored")
        return _document(image_id, incoming, inspection, StoredAt(kind=self._storage.kind, key=key))

    async def _settle(self, entry: Entry) -> Ingested:
        """The new image remembered, or the one that the owner has of the same bytes."""
        image = entry.image
        await entry.reservation.reserve(image.size_bytes)
        for _ in range(RACES):
            if entered := await self._entered(entry):
                return entered
            if known := await _known(entry):
                return Ingested(known, duplicate=True)
        raise StorageError("the same bytes come and go too quickly")

    async def _entered(self, entry: Entry) -> Ingested | None:
        """The new image, remembered; None if it is a duplicate."""
        try:
            await self._register.enter(entry)
        except DuplicateImageError:
            return None
        await entry.reservation.settle()
        return Ingested(entry.image, duplicate=False)

    async def _discard(self, image: Image) -> None:
        """Deletes the bytes; a failure leaves stray ones, and changes nothing of what the sender is told."""
        await cleanup.to_the_end(self._delete(image.storage.key), "the bytes of a refusal or a duplicate")

    async def _delete(self, key: str) -> None:
        failpoint("ingest.refused")
        await self._storage.delete(key)


async def _known(entry: Entry) -> Image | None:
    """The owner's image of the same bytes, durable: what was only just committed could still be undone by a failover.

    So it is looked for in a transaction, which waits until all that it saw is on a majority.
    """
    image, keeper = entry.image, entry.keeper

    async def look(transaction: Transaction) -> Image | None:
        known = await Image.with_bytes(image.owner_id, image.checksum_sha256, transaction)
        if known and keeper:
            await keeper.keep(known.checksum_sha256, answer(known, duplicate=True), transaction)
        return known

    return await transactions.run(look)


class Inspection:
    """Looks at bytes while they pass: their number, their checksum, what they are."""

    def __init__(
        self, limits: IngestLimits, reservation: Reservation, declared: Declared | None = None
    ) -> None:
        self._reservation = reservation
        self._declared = declared
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
            await self._reservation.expect(self.size_bytes)
            self._probe.feed(piece)
            self._checksum.update(piece)
            yield piece
        self._compare()
        self.probed = self._probe.finish()

    @property
    def checksum_sha256(self) -> str:
        """Of all that has passed, in hex."""
        return self._checksum.hexdigest()

    def _compare(self) -> None:
        """Raises if these are not the bytes that were declared."""
        if self._declared is None:
            return
        size_bytes, checksum = self._declared.size_bytes, self._declared.checksum_sha256
        if self.size_bytes != size_bytes:
            raise CorruptImageError(
                f"{self.size_bytes:,} bytes have arrived, {size_bytes:,} were declared. Send the file anew."
            )
        if checksum not in (None, self.checksum_sha256):
            raise CorruptImageError(
                f"The bytes that arrived have the SHA-256 {self.checksum_sha256}, another was declared. Send the file anew."
            )


def _document(
    image_id: PydanticObjectId, incoming: Incoming, inspection: Inspection, stored_at: StoredAt
) -> Image:
    now = datetime.now(UTC)
    probed = inspection.probed
    filename, labels = filenames.safe(incoming.filename), incoming.labels
    return Image(
        id=image_id,
        owner_id=incoming.owner_id,
        filename=filename,
        caption=labels.caption,
        tags=labels.tags,
        words=words.of(filename, labels.caption, labels.tags),
        sort_name=words.sort_name(filename),
        metadata_policy=labels.metadata_policy,
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

"""The one entrance for images: probe, store, remember.

Bytes first, document second: a crash in between leaves a stray object, never a document without bytes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId

from errors import (
    DuplicateImageError,
    FileTooLargeError,
    OutcomeUnknownError,
    RoomTooSmallError,
    StorageError,
)
from failpoints import failpoint
from models import transactions, words
from models.image import Image, Shelf, StoredAt
from models.transactions import Transaction
from models.values import MetadataPolicy
from processing import cleanup, filenames, leftovers, replace, upkeep
from processing.counts import IntakeCounts
from processing.idempotency import Keeper
from processing.inspection import Declared, Inspection, Received
from processing.probe import Limits
from processing.quota import Quota, Reservation
from processing.register import Entry, Register, answer
from processing.replace import Replacement
from storage import keys
from storage.base import Storage
from storage.gathering import gathered
from storage.summed import Summed

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
        storage: Where the bytes of new originals go.
        register: Where the documents of new images go.
        limits: What is taken in.
        quota: How much of it an owner may keep.
    """

    def __init__(self, storage: Storage, register: Register, limits: IngestLimits, quota: Quota) -> None:
        self._storage = storage
        self._register = register
        self._limits = limits
        self._quota = quota
        self.counts = IntakeCounts()

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
        with self.counts.refusals():
            ingested = await self._take_in(incoming, keeper)
        self.counts.took_in(ingested.image.size_bytes, is_duplicate=ingested.duplicate)
        return ingested

    async def _take_in(self, incoming: Incoming, keeper: Keeper | None) -> Ingested:
        owner_id = incoming.owner_id
        image_id = PydanticObjectId()  # a key needs one before its document exists
        async with self._quota.reservation(owner_id) as reservation:
            key = keys.original(str(owner_id), str(image_id))
            with self._register.announced(image_id) as announce:
                inspection = self._inspection(reservation, declared=incoming.declared, on_end=announce)
                received = await self._receive(incoming, key, inspection)
                async with self._unless_refused(owner_id, received):
                    await incoming.confirm()
                    image = _document(image_id, incoming, received)
                    ingested = await self._settle(Entry(image, reservation, keeper))
            if ingested.duplicate:
                await self._discard(owner_id, received)
            else:
                failpoint("ingest.committed")
            return ingested

    async def replace(self, incoming: Replacement, keeper: Keeper | None = None) -> Image | None:
        """Takes a file in as an image's original. When it returns, that is durable, and what is left of the old one is
        on its way out; None if there is no such image of the owner's. The room of the old one is the new one's.

        The keeper, such as a hold on an idempotency key, keeps the answer.

        Raises:
            FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
                Nothing has changed.
            UnauthenticatedError: The sender was signed out while the file came in. Nothing has changed.
        """
        with self.counts.refusals():
            image = await self._replace(incoming, keeper)
        if image:
            self.counts.replaced_one(image.size_bytes)
        return image

    async def _replace(self, incoming: Replacement, keeper: Keeper | None) -> Image | None:
        owner_id = incoming.owner_id
        old = await Image.of_owner(owner_id, incoming.image_id)
        if old is None:
            return None
        key = keys.next_original(str(owner_id), str(incoming.image_id))
        async with self._quota.reservation(owner_id, freed_bytes=old.size_bytes) as expected:
            received = await self._receive(incoming, key, self._inspection(expected))
        async with self._unless_refused(owner_id, received):
            await incoming.confirm()
            image = await self._swap(incoming, received, keeper)
        if image is None:
            await self._discard(owner_id, received)
        else:
            failpoint("replace.committed")
        return image

    def _inspection(
        self,
        reservation: Reservation,
        *,
        declared: Declared | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> Inspection:
        limits = self._limits
        return Inspection(
            limits.max_file_size_bytes, limits.probe, reservation, declared=declared, on_end=on_end
        )

    async def _receive(self, incoming: Incoming | Replacement, key: str, inspection: Inspection) -> Received:
        """The file, inspected; its bytes are durable."""
        async with aclosing(incoming.pieces):
            passing = gathered(inspection.passing(incoming.pieces))
            await self._storage.put(key, Summed(passing, inspection.sha256))
        failpoint("ingest.stored")
        stored_at = StoredAt(kind=self._storage.kind, key=key)
        return inspection.received(filenames.safe(incoming.filename), stored_at)

    @asynccontextmanager
    async def _unless_refused(self, owner_id: PydanticObjectId, received: Received) -> AsyncIterator[None]:
        """Deletes the bytes again if the block surely failed."""
        try:
            yield
        except OutcomeUnknownError:  # there may be a document now: stray bytes are better than none
            raise
        except Exception:
            await self._discard(owner_id, received)
            raise

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

    async def _swap(self, incoming: Replacement, received: Received, keeper: Keeper | None) -> Image | None:
        """The image with its new original; None if it is gone."""
        while old := await Image.of_owner(incoming.owner_id, incoming.image_id):
            with suppress(RoomTooSmallError):  # a smaller original has come in between: look again
                async with self._quota.reservation(
                    incoming.owner_id, freed_bytes=old.size_bytes
                ) as reservation:
                    await reservation.reserve(received.size_bytes)
                    image = await replace.swap(incoming, received, reservation, keeper, self._register.queue)
                    await reservation.settle()
                    return image
        return None

    async def _discard(self, owner_id: PydanticObjectId, received: Received) -> None:
        """Deletes the bytes, now or later; what becomes of that changes nothing of what the sender is told."""
        deleting = self._delete(owner_id, received.stored_at.key)
        await cleanup.to_the_end(deleting, "the bytes of a refusal or a duplicate")

    async def _delete(self, owner_id: PydanticObjectId, key: str) -> None:
        failpoint("ingest.refused")
        await leftovers.delete(owner_id, self._storage, key, self._register.queue)


async def _known(entry: Entry) -> Image | None:
    """The owner's image of the same bytes, durable: what was only just committed could still be undone by a failover.

    So it is looked for in a transaction, which waits until all that it saw is on a majority. One that only batches have
    used is the owner's own from now on: it stands in the gallery, and is not deleted with a batch.
    """
    image, keeper = entry.image, entry.keeper

    async def look(transaction: Transaction) -> Image | None:
        known = await Image.with_bytes(image.owner_id, image.checksum_sha256, transaction)
        if known and known.shelf is Shelf.BATCH:
            known = await upkeep.enter_gallery(known, transaction)
        if known and keeper:
            await keeper.keep(known.checksum_sha256, answer(known, duplicate=True), transaction)
        return known

    return await transactions.run(look)


def _document(image_id: PydanticObjectId, incoming: Incoming, received: Received) -> Image:
    now = datetime.now(UTC)
    labels = incoming.labels
    return Image(
        id=image_id,
        owner_id=incoming.owner_id,
        caption=labels.caption,
        tags=labels.tags,
        words=words.of(received.filename, labels.caption, labels.tags),
        metadata_policy=labels.metadata_policy,
        created_at=now,
        updated_at=now,
        **received.facts,
    )

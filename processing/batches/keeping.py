"""Where what a unit has made goes: into a new image, or beside the original that its owner has of the same bytes.

Bytes first, document second, as for an upload. What is stored and not referred to in the end is deleted again, unless
nobody knows whether it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

from beanie import PydanticObjectId

import tasks
from errors import OutcomeUnknownError
from failpoints import failpoint
from models import batch_images, originals, transactions, words
from models.batch import Batch
from models.batch_unit import BatchUnit
from models.image import COMPRESSED, Image, ImageStage, ImageState, Shelf, Variant
from processing import cleanup, leftovers
from processing.batches.outcomes import Ending, Joined, Outcomes, Succeeded
from processing.codec.base import Compressed, Slot, Wish
from processing.fetch.turns import Aside
from processing.inspection import Received
from processing.queue.base import WorkQueue
from processing.quota import Quota
from processing.register import Entry
from processing.together import Together
from storage import keys
from storage.adapters import Storages
from storage.base import Storage
from storage.summed import Summed

PIECE_BYTES = 2**20


@dataclass
class Task:
    """A unit in hand, run under `ticket`: `received` is what lies in the slot, and where its original is to go.

    Once all is stored, `let_go` gives the slot to somebody else.
    """

    unit: BatchUnit
    batch: Batch
    ticket: PydanticObjectId
    received: Received
    slot: Slot
    let_go: Callable[[], Awaitable[None]]
    _compressed: Compressed | None = field(default=None, init=False)

    async def compressed(self) -> Compressed:
        """The image, made smaller, once.

        Raises:
            CompressionError: It cannot be.
        """
        if self._compressed is None:
            wish = Wish(self.batch.compression, self.batch.metadata_policy)
            self._compressed = await self.slot.compress(wish)
        return self._compressed

    @property
    def checksum(self) -> bytes:
        """Of the original, SHA-256."""
        return bytes.fromhex(self.received.checksum_sha256)


@dataclass(frozen=True)
class _Stored:
    """What was put for an image that may come to refer to it."""

    image_id: PydanticObjectId
    storage: Storage
    keys: list[str] = field(default_factory=list)

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> None:
        """Keeps the bytes."""
        await self.storage.put(key, pieces)
        self.keys.append(key)


class Keeping:
    """Keeps what units have made, and ends them. Originals go to the current storage, a variant to its original's.

    Units that have nothing left to do but to end are `aside`.
    """

    def __init__(
        self,
        storages: Storages,
        quota: Quota,
        outcomes: Outcomes,
        queue: WorkQueue,
        aside: Aside = nullcontext,
    ) -> None:
        self.storages = storages
        self._quota = quota
        self._outcomes = outcomes
        self._queue = queue
        self._aside = aside
        self._alike = Together(_alike)

    async def keep(self, task: Task) -> None:
        """When it returns, the unit has ended well: its items have an image, and that a compressed form.

        Raises:
            CompressionError, QuotaExceededError, StorageError: It has not ended; nothing is kept.
            LeaseLostError: Somebody else has ended or will end it; nothing is kept.
            DuplicateImageError, ImageGoneError: An image of the same bytes has come or gone; nothing is kept.
            OutcomeUnknownError: It may have ended.
        """
        known = await self._alike.ask((task.unit.owner_id, task.received.checksum_sha256))
        image = _fitting(known, task.batch)
        await (self._join(task, image) if image else self._add(task, is_first=not known))

    async def _add(self, task: Task, *, is_first: bool) -> None:
        """Makes a new image."""
        async with self._quota.reservation(task.unit.owner_id) as reservation:
            await reservation.reserve(task.received.size_bytes)
            compressed = await task.compressed()
            async with self._storing(task, task.ticket, self.storages.current) as stored:
                variant = await _put_both(stored, task, compressed)
                failpoint("unit.stored")
                image = _document(task, variant, is_first=is_first)
                await self._end(task, Entry(image, reservation, None), variant)
            await reservation.settle()

    async def _join(self, task: Task, image: Image) -> None:
        """Uses an image that the owner has."""
        if image.compressed:
            await self._end(task, Joined(image, None), image.compressed)
            return
        compressed = await task.compressed()
        storage = self.storages.of(image.storage.kind)
        async with self._storing(task, PydanticObjectId(image.id), storage) as stored:
            variant = await _put_variant(stored, image.storage.key, task, compressed)
            failpoint("unit.stored")
            await self._end(task, Joined(image, variant), variant)

    async def _end(self, task: Task, source: Entry | Joined, variant: Variant) -> None:
        outcome = Succeeded(
            source, task.received.size_bytes, variant.size_bytes, kept_original=variant.kept_original
        )
        await task.let_go()
        with self._aside():
            await self._outcomes.end(Ending(task.unit, task.ticket, outcome))

    @asynccontextmanager
    async def _storing(
        self, task: Task, image_id: PydanticObjectId, storage: Storage
    ) -> AsyncIterator[_Stored]:
        """Deletes what was put for the image if the block surely failed, and the image does not name it."""
        stored = _Stored(image_id, storage)
        try:
            yield stored
        except OutcomeUnknownError:
            raise
        except Exception:
            deleting = self._delete(task.unit.owner_id, stored)
            await cleanup.to_the_end(deleting, "what a unit of a batch had stored")
            raise

    async def _delete(self, owner_id: PydanticObjectId, stored: _Stored) -> None:
        image = await transactions.run(lambda transaction: originals.seen(stored.image_id, transaction))
        named = {image.storage.key, *(variant.key for variant in image.variants)} if image else set()
        for key in stored.keys:
            if key not in named:
                await leftovers.delete(owner_id, stored.storage, key, self._queue)


async def _alike(asked: Sequence[tuple[PydanticObjectId, str]]) -> list[list[Image]]:
    answering = await batch_images.answering(asked)
    return [
        [image, *await batch_images.others_alike(image)] if (image := answering.get(each)) else []
        for each in asked
    ]


def _fitting(known: Sequence[Image], batch: Batch) -> Image | None:
    """Of the images with the same bytes, one that the batch may use: compressed in the same way, or not at all yet.

    What is derived from an image follows that image's policy, so it must be the batch's.
    """
    alike = [image for image in known if image.metadata_policy == batch.metadata_policy]
    for image in alike:
        if image.compressed and image.compressed.recipe == batch.compression.recipe:
            return image
    return next((image for image in alike if image.compressed is None), None)


async def _put_both(stored: _Stored, task: Task, compressed: Compressed) -> Variant:
    """Keeps the original and the variant at the same time, so that they share what makes them durable."""
    key = task.received.stored_at.key
    original = Summed(_pieces(task.slot.content), lambda: task.checksum)
    _, variant = await tasks.both(stored.put(key, original), _put_variant(stored, key, task, compressed))
    return variant


async def _put_variant(stored: _Stored, original_key: str, task: Task, compressed: Compressed) -> Variant:
    key = keys.variant(original_key, COMPRESSED)
    await stored.put(key, _pieces(compressed.content))
    return Variant(
        name=COMPRESSED,
        key=key,
        media_type=compressed.media_type,
        width_px=compressed.width_px,
        height_px=compressed.height_px,
        size_bytes=len(compressed.content),
        recipe=task.batch.compression.recipe,
        kept_original=compressed.kept_original,
    )


def _document(task: Task, variant: Variant, *, is_first: bool) -> Image:
    at = datetime.now(UTC)
    return Image(
        id=task.ticket,
        owner_id=task.unit.owner_id,
        words=words.of(task.received.filename, None, []),
        state=ImageState.READY,
        stage=ImageStage.READY,
        sequence=0,
        answers_duplicates=is_first,
        shelf=Shelf.BATCH,
        batch_ids=[task.unit.batch_id],
        metadata_policy=task.batch.metadata_policy,
        variants=[variant],
        created_at=at,
        updated_at=at,
        **task.received.facts,
    )


async def _pieces(content: memoryview) -> AsyncIterator[memoryview]:
    for at in range(0, len(content), PIECE_BYTES):
        yield content[at : at + PIECE_BYTES]

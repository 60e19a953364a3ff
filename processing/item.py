"""What one work item means, step by step.

Each step may be done twice, by one worker after another or by two at once: stages only move forward, in one
transaction with their event, and what a slower worker stored is deleted again. Variants go to the storage that holds
their original.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TypeVar, TypeVarTuple

import structlog
from anyio import CapacityLimiter, to_thread
from beanie import PydanticObjectId

from errors import DecodeError, ObjectNotFoundError, OutcomeUnknownError
from failpoints import failpoint
from models import originals, shelves, transactions
from models.event import Event
from models.image import Failure, Image, ImageStage, ImageState, Placeholder, Variant
from models.transactions import Transaction
from models.work import Work
from processing import develop, leftovers, metadata, purge
from processing.develop import Original
from processing.queue.base import WorkItem, WorkQueue
from storage import keys
from storage.adapters import Storages
from storage.base import Storage

NOT_DECODABLE = "CORRUPT_IMAGE"
ORIGINAL_MISSING = "ORIGINAL_MISSING"
GAVE_UP = "PROCESSING_FAILED"
MAX_ATTEMPTS = 5

log = structlog.get_logger()

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


class DevelopImage:
    """Develops an uploaded image: PROBED, VARIANTS_MADE, READY, or FAILED with a reason."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Storages, queue: WorkQueue, threads: CapacityLimiter) -> None:
        self._storages = storages
        self._queue = queue
        self._threads = threads

    async def run(self, item: WorkItem) -> None:
        """Does all that is still to be done, and removes what an attempt that was killed may have left."""
        failpoint("develop.started")
        image = await Image.of_owner(item.owner_id, item.subject_id)
        if image is None:
            if not await Image.is_gone(item.subject_id):
                raise OutcomeUnknownError  # its deletion may be undone: its bytes are still needed
            await purge.delete_bytes(self._storages, item.owner_id, item.subject_id)
            return
        if not image.is_finished:
            await self._finish(image)
        await self._delete_strays(item, image)
        failpoint("develop.finished")

    async def give_up(self, item: WorkItem) -> None:
        """Every attempt failed for a reason that was not the picture's. An original that took its place meanwhile has work
        of its own, and may fare better.
        """
        message = "The picture could not be developed. Upload it again later."
        image = await Image.of_owner(item.owner_id, item.subject_id)
        if image and not await Work.is_waiting_beside(item.id, item.subject_id, item.kind):
            await _fail(image, Failure(code=GAVE_UP, message=message, retryable=True))

    async def _finish(self, image: Image) -> None:
        """Leads the image to READY, or to FAILED for a reason that is its own."""
        try:
            await self._develop(image)
        except DecodeError as error:
            log.info(
                "picture does not decode", image=str(image.id), reason=str(error.__cause__).splitlines()[:1]
            )
            await _fail(image, Failure(code=NOT_DECODABLE, message=str(error), retryable=False))
        except ObjectNotFoundError:
            missing = Failure(code=ORIGINAL_MISSING, message="The original is missing.", retryable=False)
            await _fail(image, missing)

    async def _develop(self, image: Image) -> None:
        storage = self._storages.of(image.storage.kind)
        content = b"".join([piece async for piece in storage.get(image.storage.key)])
        original = Original(image.media_type, image.width_px, image.height_px, image.frame_count)
        decoded = await self._in_thread(develop.decode, content, original)
        said = await self._in_thread(metadata.read, content, image.frame_count, image.metadata_policy)
        await _advance(image, ImageStage.PROBED)
        made = await self._in_thread(develop.develop, decoded, image.metadata_policy)
        await self._keep_variants(storage, image, made.presets)
        placeholder = Placeholder(thumbhash=made.thumbhash, dominant_color=made.dominant_color)
        await _advance(
            image,
            ImageStage.READY,
            state=ImageState.READY,
            placeholder=placeholder.model_dump(),
            details=said.details.model_dump(),
            privacy=said.privacy.model_dump(),
        )

    async def _keep_variants(self, storage: Storage, image: Image, presets: Iterable[develop.Preset]) -> None:
        stored: list[Variant] = []
        try:
            for preset in presets:
                stored.append(await _store(storage, image, preset))  # noqa: PERF401 - what is stored counts even if the next is not
            variants = [variant.model_dump() for variant in stored]
            if await _advance(image, ImageStage.VARIANTS_MADE, variants=variants):
                stored.clear()  # the image refers to them
        except (OutcomeUnknownError, asyncio.CancelledError):
            stored.clear()  # the image may come to refer to them
            raise
        finally:
            await self._delete_unused(storage, image, stored)

    async def _delete_unused(self, storage: Storage, developed: Image, variants: Sequence[Variant]) -> None:
        """What somebody else was first to store stays, and so does nothing of an attempt that failed."""
        if not variants:
            return
        image = await Image.get(developed.id)
        used = {variant.key for variant in image.variants} if image else set()
        for variant in variants:
            if variant.key not in used:
                await leftovers.delete(developed.owner_id, storage, variant.key, self._queue)

    async def _delete_strays(self, item: WorkItem, seen: Image) -> None:
        """What an attempt that was killed had stored, for this original or for one that was replaced meanwhile.

        A finished image refers to all that it will ever need. What is listed of an original that is not the image's
        afterwards was of an earlier one: what a later one needs, nobody could have stored before. Only a migration
        could, and only in another storage than the image's: there nothing is touched.
        """
        prefix = keys.presets_prefix(str(item.owner_id), str(item.subject_id))
        storage = self._storages.of(seen.storage.kind)
        found = [(storage, stored.key) async for stored in storage.list(prefix)]
        strays = _strays(await Image.get(item.subject_id), found)
        if strays:  # what a failover could undo decides nothing
            strays = _strays(
                await transactions.run(lambda transaction: originals.seen(item.subject_id, transaction)),
                strays,
            )
        for storage, key in strays:
            await leftovers.delete(item.owner_id, storage, key, self._queue)

    async def _in_thread(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        return await to_thread.run_sync(function, *arguments, limiter=self._threads)


async def _store(storage: Storage, image: Image, preset: develop.Preset) -> Variant:
    key = keys.variant(image.storage.key, preset.name)
    await storage.put(key, _one_piece(preset.content))
    failpoint("develop.variant_stored")
    return Variant(
        name=preset.name,
        key=key,
        media_type=develop.PRESET_MEDIA_TYPE,
        width_px=preset.width_px,
        height_px=preset.height_px,
        size_bytes=len(preset.content),
    )


def _strays(image: Image | None, found: Iterable[tuple[Storage, str]]) -> list[tuple[Storage, str]]:
    if image is None:
        return []  # its purge deletes them
    used = {variant.key for variant in image.variants}
    ours = keys.variants_prefix(image.storage.key)
    return [
        (storage, key)
        for storage, key in found
        if storage.kind == image.storage.kind
        and key not in used
        and (image.is_finished or not key.startswith(ours))
    ]


async def _one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _fail(image: Image, failure: Failure) -> None:
    await _advance(
        image,
        ImageStage.FAILED,
        state=ImageState.FAILED,
        failure=failure.model_dump(),
        answers_duplicates=False,
    )


async def _advance(developed: Image, stage: ImageStage, **changes: object) -> bool:
    """Moves the image to `stage` and writes the event, as one; False if it was there or further already, or has another
    original by now.
    """
    image_id = PydanticObjectId(developed.id)

    async def write(transaction: Transaction) -> bool:
        image = await developed.advance(stage, transaction, **changes)
        if image is None:
            return False
        event = Event(owner_id=image.owner_id, subject_id=image_id, sequence=image.sequence, stage=stage)
        await Event.record([event], transaction)
        if image.state == ImageState.FAILED:
            await shelves.hand_over_duplicates(image, transaction)
        if image.is_finished:
            await Event.end(image_id, transaction)
        return True

    advanced = await transactions.run(write)
    failpoint("develop.advanced")
    return advanced

"""What one work item means, step by step.

Each step may be done twice, by one worker after another or by two at once: stages only move forward, in one
transaction with their event, and what a slower worker stored is deleted again (`processing/studio.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import structlog
from beanie import PydanticObjectId

from errors import DecodeError, ObjectNotFoundError, OutcomeUnknownError
from failpoints import failpoint
from models import shelves, stages, transactions
from models.event import Event
from models.image import Image, ImageStage, ImageState, Placeholder, Variant
from models.transactions import Transaction
from models.values import Failure
from models.work import Work
from processing import purge
from processing.codec.base import Codec
from processing.queue.base import WorkItem, WorkQueue
from processing.register import entered
from processing.studio import Studio
from storage.adapters import Storages

ORIGINAL_MISSING = "ORIGINAL_MISSING"
GAVE_UP = "PROCESSING_FAILED"
MAX_ATTEMPTS = 5

log = structlog.get_logger()


class DevelopImage:
    """Develops an uploaded image: PROBED, VARIANTS_MADE, READY, or FAILED with a reason."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Storages, queue: WorkQueue, codec: Codec) -> None:
        self._studio = Studio(storages, queue, codec)

    async def run(self, item: WorkItem) -> None:
        """Does all that is still to be done, and removes what an attempt that was killed may have left."""
        failpoint("develop.started")
        image = await Image.of_owner(item.owner_id, item.subject_id)
        if image is None:
            if not await Image.is_gone(item.subject_id):
                raise OutcomeUnknownError  # its deletion may be undone: its bytes are still needed
            await purge.delete_bytes(self._studio.storages, item.owner_id, item.subject_id)
            return
        if not image.is_finished:
            await self._finish(image)
        await self._studio.delete_strays(image)
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
            log.info("picture does not decode", image=str(image.id), reason=error.code)
            await _fail(image, Failure(code=error.code, message=str(error), retryable=False))
        except ObjectNotFoundError:
            missing = Failure(code=ORIGINAL_MISSING, message="The original is missing.", retryable=False)
            await _fail(image, missing)

    async def _develop(self, image: Image) -> None:
        made = await self._studio.develop(image)
        await _advance(image, ImageStage.PROBED)
        await self._studio.keep(image, made.presets, partial(_remember, image))
        facts = made.facts
        placeholder = Placeholder(thumbhash=facts.thumbhash, dominant_color=facts.dominant_color)
        await _advance(
            image,
            ImageStage.READY,
            state=ImageState.READY,
            placeholder=placeholder.model_dump(),
            details=facts.details.model_dump(),
            privacy=facts.privacy.model_dump(),
        )


async def _remember(image: Image, presets: Sequence[Variant]) -> bool:
    return await _advance(
        image, ImageStage.VARIANTS_MADE, variants=[preset.model_dump() for preset in presets]
    )


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
        image = await stages.advance(developed, stage, transaction, **changes)
        if image is None:
            return False
        await Event.record([entered(image)], transaction)
        if image.state == ImageState.FAILED:
            await shelves.hand_over_duplicates(image, transaction)
        if image.is_finished:
            await Event.end(image_id, transaction)
        return True

    advanced = await transactions.run(write)
    failpoint("develop.advanced")
    return advanced

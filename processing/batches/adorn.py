"""What an uploaded image has from the beginning, made for an image of a batch when nothing else is to be done.

It is READY without, and stays so whatever comes of it: nothing here is a stage, takes a sequence or writes an event.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from errors import DecodeError, ObjectNotFoundError, OutcomeUnknownError
from failpoints import failpoint
from models import batch_images, transactions
from models.image import Image, ImageState, Placeholder, Variant
from processing import purge
from processing.codec.base import Codec
from processing.queue.base import WorkItem, WorkQueue
from processing.studio import Studio
from storage.adapters import Storages

MAX_ATTEMPTS = 5

log = structlog.get_logger()


class AdornImage:
    """Adds presets, placeholder, details and privacy report."""

    max_attempts = MAX_ATTEMPTS

    def __init__(self, storages: Storages, queue: WorkQueue, codec: Codec) -> None:
        self._studio = Studio(storages, queue, codec)

    async def run(self, item: WorkItem) -> None:
        """Does it unless it was done, and removes what an attempt that was killed may have left."""
        image = await Image.of_owner(item.owner_id, item.subject_id)
        if image is None:
            if not await Image.is_gone(item.subject_id):
                raise OutcomeUnknownError  # its deletion may be undone: its bytes are still needed
            await purge.delete_bytes(self._studio.storages, item.owner_id, item.subject_id)
            return
        if image.state is ImageState.READY and image.placeholder is None:
            await self._adorn(image)
        await self._studio.delete_strays(image)

    async def give_up(self, item: WorkItem) -> None:
        """The image stays without."""
        log.warning("image stays without presets", image=str(item.subject_id))

    async def _adorn(self, image: Image) -> None:
        try:
            made = await self._studio.develop(image)
        except (DecodeError, ObjectNotFoundError) as error:
            log.info("image stays without presets", image=str(image.id), reason=str(error))
            return
        facts = made.facts
        placeholder = Placeholder(thumbhash=facts.thumbhash, dominant_color=facts.dominant_color)

        async def remember(presets: Sequence[Variant]) -> bool:
            adorned = await transactions.run(
                lambda transaction: batch_images.adorn(
                    image, presets, placeholder, facts.details, facts.privacy, transaction
                )
            )
            failpoint("adorn.committed")
            return adorned

        await self._studio.keep(image, made.presets, remember)

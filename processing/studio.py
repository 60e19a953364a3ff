"""What is made of an original in the background, and where it is kept: in the storage that holds the original.

Whoever keeps something has it remembered, or deletes it again. So an attempt that somebody else was faster than, or
that failed, leaves nothing; what an attempt that was killed has left is found under the image's own keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

from beanie import PydanticObjectId

from errors import OutcomeUnknownError
from failpoints import failpoint
from models import originals, transactions
from models.image import Image, Variant
from processing import decoding, leftovers
from processing.codec.base import Codec
from processing.codec.orders import PRESET_MEDIA_TYPE, PRESETS, Developed, Development, Original, Preset
from processing.queue.base import WorkQueue
from storage import keys
from storage.adapters import Storages
from storage.base import Storage


class Studio:
    """Where originals are developed. The work of one process shares its `codec`."""

    def __init__(self, storages: Storages, queue: WorkQueue, codec: Codec) -> None:
        self.storages = storages
        self.queue = queue
        self._codec = codec

    async def develop(self, image: Image) -> Developed:
        """All that is made of the original, and what it says of itself.

        Raises:
            DecodeError: The pixels are damaged, or nothing can decode them.
            DecoderGoneError: Another try may help.
            ObjectNotFoundError: There are no bytes.
        """
        storage = self.storages.of(image.storage.kind)
        async with decoding.original(self._codec, storage, image) as slot:
            return await slot.develop(Development(Original.of(image), image.metadata_policy))

    async def keep(
        self,
        image: Image,
        presets: Iterable[Preset],
        remember: Callable[[Sequence[Variant]], Awaitable[bool]],
    ) -> None:
        """Stores the presets, and deletes them again unless `remember` says that the image names them."""
        storage = self.storages.of(image.storage.kind)
        stored: list[Variant] = []
        try:
            for preset in presets:
                stored.append(await _store(storage, image, preset))  # noqa: PERF401 - what is stored counts even if the next is not
            if await remember(stored):
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
                await leftovers.delete(developed.owner_id, storage, variant.key, self.queue)

    async def delete_strays(self, seen: Image) -> None:
        """What an attempt that was killed had stored, for this original or for one that was replaced meanwhile.

        A finished image refers to all presets that it will ever need; only a batch may be about to add what it has
        compressed. What is listed of an original that is not the image's afterwards was of an earlier one: what a later
        one needs, nobody could have stored before. Only a migration could, and only in another storage than the
        image's: there nothing is touched.
        """
        owner_id, image_id = seen.owner_id, PydanticObjectId(seen.id)
        storage = self.storages.of(seen.storage.kind)
        found = [
            stored.key async for stored in storage.list(keys.presets_prefix(str(owner_id), str(image_id)))
        ]
        strays = _strays(await Image.get(image_id), storage.kind, found)
        if strays:  # what a failover could undo decides nothing
            durable = await transactions.run(lambda transaction: originals.seen(image_id, transaction))
            strays = _strays(durable, storage.kind, strays)
        for key in strays:
            await leftovers.delete(owner_id, storage, key, self.queue)


async def _store(storage: Storage, image: Image, preset: Preset) -> Variant:
    key = keys.variant(image.storage.key, preset.name)
    await storage.put(key, _one_piece(preset.content))
    failpoint("develop.variant_stored")
    return Variant(
        name=preset.name,
        key=key,
        media_type=PRESET_MEDIA_TYPE,
        width_px=preset.width_px,
        height_px=preset.height_px,
        size_bytes=len(preset.content),
    )


def _strays(image: Image | None, kind: str, found: Iterable[str]) -> list[str]:
    if image is None or image.storage.kind != kind:
        return []  # its purge deletes them, or they were moved
    used = {variant.key for variant in image.variants}
    ours = keys.variants_prefix(image.storage.key)
    presets = tuple(f"{ours}{name}-" for name in PRESETS)
    return [
        key
        for key in found
        if key not in used and (not key.startswith(ours) or (image.is_finished and key.startswith(presets)))
    ]


async def _one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content

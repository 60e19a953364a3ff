"""Variants on demand: each is made once, when it is first fetched, by one of all processes, and kept.

Whoever asks for one that is being made waits for it, in this process for the same task, in another for the object. A
maker holds a lease; if it dies, whoever waits takes over. The making itself does not depend on who waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from beanie import PydanticObjectId

from errors import DecodeError, DecoderGoneError, ObjectNotFoundError, RateLimitedError
from models.image import Image, ImageState
from models.lease import Lease
from models.rate import Limit, Rate
from processing import cleanup, decoding, recipes
from processing.codec.base import Codec
from processing.codec.orders import Original, Rendering
from processing.recipes import Recipe
from storage import keys
from storage.adapters import Storages
from storage.base import Storage, StoredObject

HOUR_SECONDS = 60 * 60
ANSWER_WITHIN_SECONDS = 30.0  # a making may take longer: it goes on, and is there when the client comes again
MAKE_WITHIN_SECONDS = 120.0
LEASE_SECONDS, HEARTBEAT_SECONDS = 15.0, 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.5

log = structlog.get_logger()


class Variants:
    """Finds variants on demand, or makes them: in this process as many at a time as there are processors.

    Args:
        storages: A variant lies where its original does.
        codec: What decodes originals.
        pixels_per_hour: What the making of variants of one owner's images may cost, in all processes together.
    """

    def __init__(self, storages: Storages, codec: Codec, *, pixels_per_hour: int) -> None:
        self._storages = storages
        self._codec = codec
        self._budget = Limit("variant-pixels", pixels_per_hour, HOUR_SECONDS)
        self._turns = asyncio.Semaphore(os.cpu_count() or 1)  # originals wait in storage, not in memory
        self._making: dict[tuple[str, str], asyncio.Task[StoredObject]] = {}

    async def find(self, image: Image, recipe: Recipe) -> StoredObject:
        """Where the variant lies, once it does. The making goes on though the caller be cancelled.

        Raises:
            DecodeError: The original is damaged, or nothing can decode it.
            RateLimitedError: The budget of the image's owner is used up.
            ObjectNotFoundError: The original is not there, or is another by now.
            TimeoutError: It takes long. It may be there when it is next asked for.
        """
        if image.state == ImageState.FAILED and image.failure and not image.failure.retryable:
            raise DecodeError(image.failure.message)
        storage = self._storages.of(image.storage.kind)
        place = image.storage.kind, keys.made(image.storage.key, recipe.name)
        if place not in self._making and (found := await _kept(storage, place[1])):
            return found
        if place not in self._making:
            self._making[place] = asyncio.create_task(self._make_once(storage, place[1], image, recipe))
            self._making[place].add_done_callback(partial(self._ended, place))
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            return await asyncio.shield(self._making[place])

    async def close(self) -> None:
        """Ends what is being made though nobody waits for it any more."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, place: tuple[str, str], task: asyncio.Task[StoredObject]) -> None:
        del self._making[place]
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, DecodeError | RateLimitedError | ObjectNotFoundError):
            log.warning("variant not made", key=place[1], reason=str(error), exc_info=error)

    async def _make_once(self, storage: Storage, key: str, image: Image, recipe: Recipe) -> StoredObject:
        lease, holder = f"variant {storage.kind} {key}", secrets.token_hex(8)
        pause_seconds = FIRST_PAUSE_SECONDS
        async with asyncio.timeout(MAKE_WITHIN_SECONDS):
            while not await Lease.take(lease, holder, LEASE_SECONDS):
                if found := await _kept(storage, key):
                    return found
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
            async with _holding(lease, holder):
                return await _kept(storage, key) or await self._make(storage, key, image, recipe)

    async def _make(self, storage: Storage, key: str, image: Image, recipe: Recipe) -> StoredObject:
        async with self._paying(image, recipe), self._turns:
            stored = await storage.put(key, _one_piece(await self._rendered(storage, image, recipe)))
        now = await Image.for_delivery(PydanticObjectId(image.id))
        if now is None or now.storage != image.storage:
            await storage.delete(key)  # whoever deleted the original may have looked for variants before
            raise ObjectNotFoundError(image.storage.key)
        return stored

    async def _rendered(self, storage: Storage, image: Image, recipe: Recipe) -> bytes:
        order = Rendering(Original.of(image), image.metadata_policy, recipe)
        try:
            async with decoding.original(self._codec, storage, image) as slot:
                return bytes(await slot.render(order))
        except DecoderGoneError as error:  # for the client it is as if the making had taken long
            raise TimeoutError(str(error)) from error

    @asynccontextmanager
    async def _paying(self, image: Image, recipe: Recipe) -> AsyncIterator[None]:
        """Takes what the making costs from the owner's budget, and gives it back if it fails for no fault of the picture's."""
        pixels = recipes.cost_pixels(image, recipe)
        rate = await Rate.count_up(self._budget, str(image.owner_id), pixels)
        try:
            yield
        except DecodeError:  # at its last pixel, perhaps: the work was done
            raise
        except BaseException:
            await cleanup.to_the_end(Rate.take_back(rate, pixels), "pixels of a budget")
            raise


@asynccontextmanager
async def _holding(lease: str, holder: str) -> AsyncIterator[None]:
    """Keeps a lease that was taken, and gives it back."""
    heartbeat = asyncio.create_task(_beat(lease, holder))
    try:
        yield
    finally:
        heartbeat.cancel()
        await cleanup.to_the_end(Lease.release(lease, holder), "a lease")


async def _beat(lease: str, holder: str) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await Lease.take(lease, holder, LEASE_SECONDS)
        except Exception as error:  # noqa: BLE001 - the next beat may get through, and a second maker makes the same
            log.warning("lease not held on to", lease=lease, reason=str(error))


async def _kept(storage: Storage, key: str) -> StoredObject | None:
    with contextlib.suppress(ObjectNotFoundError):
        return await storage.head(key)
    return None


async def _one_piece(content: bytes) -> AsyncIterator[bytes]:
    yield content

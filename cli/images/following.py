"""Waits for the development of images to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Final

from client import Darkroom, RefusedError, UnreachableError
from client.errors import EVENTS_EXPIRED
from client.generated import GalleryChangesGalleryChanges, ImageFields, ImageState

PAUSE_SECONDS: Final = 2.0


class Following:
    """What becomes of images, heard on one subscription for all that begins before the first is uploaded.

    A connection that is lost is made anew, and nothing is missed.
    """

    def __init__(self, darkroom: Darkroom, cursor: str) -> None:
        self._darkroom = darkroom
        self._cursor = cursor
        self._ended: dict[str, ImageFields | None] = {}
        self._awaited: dict[str, asyncio.Future[ImageFields | None]] = {}
        self._refusal: RefusedError | None = None

    @classmethod
    @asynccontextmanager
    async def begun(cls, darkroom: Darkroom) -> AsyncIterator[Following]:
        """From now on. Raises as a query does."""
        following = cls(darkroom, await _now(darkroom))
        listening = asyncio.create_task(following._listen())
        try:
            yield following
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def end_of(self, image: ImageFields) -> ImageFields | None:
        """The image once it is READY or FAILED; None if it was deleted meanwhile.

        Raises:
            RefusedError: The account may hear no more of it.
        """
        if image.state is not ImageState.PROCESSING:
            return image
        if image.id in self._ended:
            return self._ended[image.id]
        if self._refusal:
            raise self._refusal
        future = self._awaited.setdefault(image.id, asyncio.get_running_loop().create_future())
        return await future

    async def _listen(self) -> None:
        while True:
            try:
                async with aclosing(self._darkroom.changes(after=self._cursor)) as changes:
                    async for change in changes:
                        self._hear(change)
            except UnreachableError:
                await asyncio.sleep(PAUSE_SECONDS)
            except RefusedError as refusal:
                if refusal.code != EVENTS_EXPIRED:
                    self._give_up(refusal)
                    return
                await self._look()

    def _hear(self, change: GalleryChangesGalleryChanges) -> None:
        self._cursor = change.cursor
        if change.image is None or change.image.state is not ImageState.PROCESSING:
            self._end(change.image_id, change.image)

    def _end(self, image_id: str, image: ImageFields | None) -> None:
        self._ended[image_id] = image
        awaited = self._awaited.pop(image_id, None)
        if awaited and not awaited.done():
            awaited.set_result(image)

    def _give_up(self, refusal: RefusedError) -> None:
        self._refusal = refusal
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(refusal)

    async def _look(self) -> None:
        """Asks for each image, as the connection was lost for longer than the service remembers changes."""
        self._cursor = await _now(self._darkroom)
        for image_id in list(self._awaited):
            image = await self._darkroom.operations.image(image_id)
            if image is None or image.state is not ImageState.PROCESSING:
                self._end(image_id, image)


async def _now(darkroom: Darkroom) -> str:
    page = await darkroom.operations.gallery(first=1)
    if page is None:
        raise RefusedError("the service does not show a gallery")
    return page.change_cursor

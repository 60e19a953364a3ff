"""Lets others watch an image's development: the log in MongoDB, and a feed that says when to look.

The feed carries no news itself, it only wakes: whoever listens reads the log. So an event that is announced twice,
late, or only by the reopening of the stream is still read once and in order.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from beanie import PydanticObjectId

from errors import EventsExpiredError
from models.event import Event
from models.image import FINAL_STAGES, Image, ImageStage

LONGEST_WAIT_SECONDS = 15.0
"""A subscriber looks into the log this often even if nobody wakes it."""


class ProgressFeed:
    """Those who wait for a subject's next event."""

    def __init__(self) -> None:
        self._listeners: dict[PydanticObjectId, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def listening(self, subject_id: PydanticObjectId) -> Iterator[asyncio.Event]:
        """An event that is set whenever the subject's log may have grown, from now on."""
        news = asyncio.Event()
        self._listeners[subject_id].add(news)
        try:
            yield news
        finally:
            self._listeners[subject_id].discard(news)
            if not self._listeners[subject_id]:
                del self._listeners[subject_id]

    def wake(self, subject_id: PydanticObjectId) -> None:
        """The subject's log may have grown."""
        for news in self._listeners.get(subject_id, ()):
            news.set()

    def wake_all(self) -> None:
        """Every log may have grown."""
        for listeners in self._listeners.values():
            for news in listeners:
                news.set()


@dataclass(frozen=True)
class ImageMoved:
    """The image's `sequence`-th change led to `stage`."""

    sequence: int
    stage: ImageStage

    @property
    def is_last(self) -> bool:
        """Whether the work ends with it."""
        return self.stage in FINAL_STAGES


async def follow_image(
    image: Image, after: int | None, progress: ProgressFeed
) -> AsyncGenerator[ImageMoved, None]:
    """Without `after`, the present state, then each further change; with it, the changes behind it only.

    No holes, no repeats. Ends after the change that ends the work, unless another original has opened it again by
    then.

    Raises:
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    image_id = PydanticObjectId(image.id)
    with progress.listening(image_id) as news:
        if after is None:
            state = ImageMoved(image.sequence, image.stage)
            yield state
            if state.is_last:
                return
            after = image.sequence
        async for moved in _log(image_id, after, news):
            yield moved


async def _log(
    image_id: PydanticObjectId, after: int, news: asyncio.Event
) -> AsyncGenerator[ImageMoved, None]:
    """Everything behind `after`, until the work has ended and nothing is left to say."""
    while True:
        news.clear()
        image = await Image.get(image_id)  # before the log: what the document has counted, the log must hold
        moved: ImageMoved | None = None
        for event in await Event.after(image_id, after):
            if event.sequence != after + 1:
                raise EventsExpiredError
            after = event.sequence
            moved = ImageMoved(event.sequence, ImageStage(event.stage))
            yield moved
        has_ended = moved.is_last if moved else image and image.is_finished and image.sequence <= after
        if image is None or has_ended:
            return
        if image.sequence > after:
            if await Image.get(image_id) is None:  # deleted with its log since we looked
                return
            raise EventsExpiredError
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await news.wait()

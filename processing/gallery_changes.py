"""What changes in each owner's gallery, from any moment on: no holes, no repeats.

The last changes of all owners are in memory; what lies further back is read from MongoDB's own log. So a subscriber
holds a place and nothing else, however slow it is.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile

from beanie import PydanticObjectId

from models import feed
from models.change import Change, ChangeKind
from models.event import Event
from models.feed import Insert
from models.image import ImageStage
from models.moment import BEGINNING, Moment

RECENT_CHANGES = 10_000
CHANGES_AT_ONCE = 100
PAST_READERS = 8
"""How many subscribers read MongoDB's log at once; after a restart all of them may want to."""

TOLD_BY = (Event, Change)


@dataclass(frozen=True, slots=True)
class GalleryChange:
    """An image came into its owner's gallery, changed there, or left it."""

    moment: Moment
    owner_id: PydanticObjectId
    image_id: PydanticObjectId
    kind: ChangeKind

    @classmethod
    def of(cls, insert: Insert) -> GalleryChange | None:
        """None for what says nothing of a gallery, such as what a later release wrote."""
        told = insert.document
        if not told.get("in_gallery", True):
            return None
        try:
            if insert.collection == Change.get_collection_name():
                return cls(insert.moment, told["owner_id"], told["image_id"], ChangeKind(told["kind"]))
            stage = ImageStage(told["stage"])
            is_new = stage is ImageStage.STORED and told["sequence"] == 1  # or else it was replaced
            kind = ChangeKind.ADDED if is_new else ChangeKind.UPDATED
            return cls(insert.moment, told["owner_id"], told["subject_id"], kind)
        except (KeyError, ValueError):
            return None


@dataclass(eq=False, slots=True)
class Listener:
    """Everything up to `place` was taken. While `news` is not set, there is nothing behind it either."""

    place: Moment
    news: asyncio.Event = field(default_factory=asyncio.Event)


class GalleryFeed:
    """The last changes of all galleries, and those who wait for the next of theirs."""

    def __init__(self, recent_changes: int = RECENT_CHANGES) -> None:
        self._recent: deque[GalleryChange] = deque()
        self._recent_changes = recent_changes
        self._listeners: dict[PydanticObjectId, set[Listener]] = defaultdict(set)
        self._past_readers = asyncio.Semaphore(PAST_READERS)
        self.since = BEGINNING

    @property
    def newest(self) -> Moment:
        """Every change up to here was told."""
        return self._recent[-1].moment if self._recent else self.since

    def begin(self, since: Moment) -> None:
        """Every change behind `since` is going to be told. What lies before it and was not told is not in memory."""
        if since > self.newest:
            self._recent.clear()
            self.since = since
            self._wake_all()

    def tell(self, change: GalleryChange) -> None:
        """The next change, in the order of commits; one that was told before is passed over."""
        if change.moment <= self.newest:
            return
        for listener in self._listeners.get(change.owner_id, ()):
            if not listener.news.is_set():
                listener.place = max(listener.place, self.newest)
                listener.news.set()
        self._recent.append(change)
        if len(self._recent) > self._recent_changes:
            self.since = self._recent.popleft().moment

    async def follow(
        self, owner_id: PydanticObjectId, after: Moment
    ) -> AsyncGenerator[list[GalleryChange], None]:
        """The owner's changes behind `after`: as many at a time as are due. Never ends.

        Raises:
            EventsExpiredError: MongoDB's log no longer reaches back to `after`.
        """
        with self._listening(owner_id, after) as listener:
            while True:
                await listener.news.wait()
                is_past = listener.place < self.since
                due = await self._read(owner_id, listener) if is_past else self._take(owner_id, listener)
                if due:
                    yield due

    @contextmanager
    def _listening(self, owner_id: PydanticObjectId, place: Moment) -> Iterator[Listener]:
        listener = Listener(place)
        listener.news.set()
        self._listeners[owner_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[owner_id].discard(listener)
            if not self._listeners[owner_id]:
                del self._listeners[owner_id]

    def _take(self, owner_id: PydanticObjectId, listener: Listener) -> list[GalleryChange]:
        """What is due of the changes in memory."""
        behind = takewhile(lambda change: change.moment > listener.place, reversed(self._recent))
        due = [change for change in behind if change.owner_id == owner_id][::-1]
        if len(due) > CHANGES_AT_ONCE:
            listener.place = due[CHANGES_AT_ONCE - 1].moment
            return due[:CHANGES_AT_ONCE]
        listener.place = max(listener.place, self.newest)
        listener.news.clear()
        return due

    async def _read(self, owner_id: PydanticObjectId, listener: Listener) -> list[GalleryChange]:
        """The next of the changes that are no longer in memory."""
        async with self._past_readers:
            inserts, listener.place = await feed.of_owner(TOLD_BY, owner_id, listener.place, CHANGES_AT_ONCE)
        return [change for insert in inserts if (change := GalleryChange.of(insert))]

    def _wake_all(self) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.news.set()

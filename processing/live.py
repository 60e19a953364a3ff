"""One change stream per process, for everybody who watches something."""

from __future__ import annotations

from models.batch_event import BatchEvent
from models.change import Change
from models.departed_batch import DepartedBatch
from models.feed import Follower, Insert
from models.moment import Moment
from processing.gallery_changes import RECENT_CHANGES, TOLD_BY, GalleryChange, GalleryFeed
from processing.progress import ProgressFeed

SUBJECTS = {
    Change.Settings.name: "image_id",
    BatchEvent.Settings.name: "batch_id",
    DepartedBatch.Settings.name: "_id",
}
"""In which field an insert says whose log has grown, or is gone; `subject_id` in all others."""

OF_BATCHES = (BatchEvent.Settings.name, DepartedBatch.Settings.name)


class LiveFeed:
    """Tells `progress` and `gallery` of everything that moves, from `start` to `close`.

    Args:
        recent_changes: How many changes are kept in memory.
    """

    def __init__(self, recent_changes: int = RECENT_CHANGES) -> None:
        self.progress = ProgressFeed()
        self.gallery = GalleryFeed(recent_changes)
        self._follower = Follower(
            *TOLD_BY, BatchEvent, DepartedBatch, on_insert=self._tell, on_open=self._begin
        )

    async def start(self) -> None:
        """Opens the change stream. What is read from now on can be followed from `reached`."""
        self.gallery.begin(await self._follower.place())
        self._follower.start()

    async def close(self) -> None:
        """Closes the change stream."""
        await self._follower.close()

    @property
    def reached(self) -> Moment:
        """A place behind which lies everything that cannot be read yet."""
        return self._follower.reached or self.gallery.since

    def _begin(self) -> None:
        if self._follower.since:
            self.gallery.begin(self._follower.since)
        self.progress.wake_all()

    def _tell(self, insert: Insert) -> None:
        if subject_id := insert.document.get(SUBJECTS.get(insert.collection, "subject_id")):
            self.progress.wake(subject_id)
        if insert.collection in OF_BATCHES:
            return  # no gallery shows it
        if change := GalleryChange.of(insert):
            self.gallery.tell(change)

"""Watching a gallery."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

from errors import BadUserInputError
from models import feed
from models.change import ChangeKind
from models.image import Image, Shelf
from models.moment import Moment
from processing.gallery_changes import TOLD_BY
from resolvers import ids, images
from resolvers.context import Context
from resolvers.place import Place


@dataclass(frozen=True)
class GalleryChange:
    """What changed, and the image as it is now; None once it is gone for good."""

    position: Moment
    kind: ChangeKind
    image: Image | None
    image_id: str
    is_place: ClassVar[bool] = False

    @property
    def cursor(self) -> str:
        """Its position, for the client to go on behind it."""
        return self.position.encode()


def cursor(context: Context) -> str:
    """Behind it lies every change that the operation does not show."""
    return context.began_at.encode()


async def gallery_changes(context: Context, after: str | None) -> AsyncGenerator[GalleryChange | Place, None]:
    """The changes of the viewer's gallery behind `after`, or from now on; and the places between.

    What changed on an image that is not in the gallery any more is left out: that it left is told by itself.

    Raises:
        BadUserInputError: `after` is no cursor.
        EventsExpiredError: MongoDB's log no longer reaches back to `after`.
    """
    owner_id, gallery = context.viewer_id, context.services.live.gallery
    place = gallery.newest if after is None else await _moment(after)
    yield Place(place)
    async for due in gallery.follow(owner_id, place):
        found = await Image.all_of_owner(owner_id, {change.image_id for change in due})
        for change in due:
            image = found.get(change.image_id)
            if change.kind is ChangeKind.UPDATED and (image is None or image.shelf is not Shelf.GALLERY):
                continue
            image_id = ids.encode(images.KIND, change.image_id)
            yield GalleryChange(change.moment, change.kind, image, image_id)
        yield Place(due[-1].moment)


async def _moment(after: str) -> Moment:
    moment = Moment.decode(after)
    if moment is None or not await feed.has_come(TOLD_BY, moment):
        raise BadUserInputError("`after` is not a cursor of galleryChanges.")
    return moment

"""Watching an image being developed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar

from errors import ResourceNotFoundError
from models.image import Image, ImageStage
from processing import progress
from resolvers import images
from resolvers.context import Context
from resolvers.place import Place, require_sequence


@dataclass(frozen=True)
class ImageProgress:
    """Change number `sequence`, and the image as it is now: as new as the change, or newer."""

    sequence: int
    stage: ImageStage
    image: Image
    is_place: ClassVar[bool] = False

    @property
    def position(self) -> int:
        """Its place among the image's changes."""
        return self.sequence


async def image_progress(
    context: Context, image_id: str, after: int | None
) -> AsyncGenerator[ImageProgress | Place, None]:
    """The image's present state, then its changes, or with `after` only the changes behind it; and the places between.

    Raises:
        ResourceNotFoundError: No image of the viewer's has this id.
        BadUserInputError: `after` is negative.
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    image = await images.get(context, image_id)
    if image is None:
        raise ResourceNotFoundError
    require_sequence(after)
    if after is not None:
        yield Place(after)
    async for moved in progress.follow_image(image, after, context.services.live.progress):
        current = await images.get(context, image_id)
        if current is None:
            return
        yield ImageProgress(moved.sequence, moved.stage, current)
        if not moved.is_last:  # where the work ends, it depends on what was known whether the stream does
            yield Place(moved.sequence)

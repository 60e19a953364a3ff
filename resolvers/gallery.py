"""The viewer's images as a list."""

from __future__ import annotations

from errors import BadUserInputError
from models.image import Image
from models.page import Page, Position
from models.tally import Tally
from resolvers.context import Context

DEFAULT_FIRST, LARGEST_FIRST = 20, 100


async def page(context: Context, first: int | None, after: str | None) -> Page[Image]:
    """The viewer's images, newest first.

    Raises:
        BadUserInputError: `first` is not 1 to LARGEST_FIRST, or `after` is no cursor.
    """
    owner_id = context.viewer_id
    position = Position.decode(after) if after is not None else None
    if after is not None and position is None:
        raise BadUserInputError("`after` is not a cursor of this list. Take it from `endCursor`.")
    return await Image.page(owner_id, first=_first(first), after=position)


async def count(context: Context) -> int:
    """How many images the viewer has."""
    return (await Tally.of_owner(context.viewer_id)).image_count


def _first(first: int | None) -> int:
    if first is None:
        return DEFAULT_FIRST
    if not 1 <= first <= LARGEST_FIRST:
        raise BadUserInputError(f"`first` is 1 to {LARGEST_FIRST}.")
    return first

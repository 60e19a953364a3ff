"""The viewer's images as a list."""

from __future__ import annotations

from dataclasses import dataclass

from beanie import PydanticObjectId

from errors import BadUserInputError
from models import words
from models.batch import Batch
from models.gallery import Filter, Gallery
from models.image import Image
from models.page import Order, Page
from resolvers import ids
from resolvers.context import Context
from resolvers.labels import LONGEST_TAG
from resolvers.paging import Paging

LONGEST_SEARCH_CHARACTERS, MOST_SEARCH_WORDS = 256, 10
MOST_CHOICES = 20


@dataclass(frozen=True)
class Listed:
    """A page, and the whole list that it is of."""

    page: Page[Image]
    whole: Gallery


async def page(
    context: Context, wanted: Filter, order: Order, paging: Paging, columns: frozenset[str] | None = None
) -> Listed:
    """A page of those of the viewer's images that `wanted` lets through. `columns` as for `Gallery.page`.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    whole = Gallery(context.viewer_id, _checked(wanted))
    return Listed(await whole.page(paging.window(order), columns), whole)


def batch_of(batch_id: str | None) -> PydanticObjectId | None:
    """The batch that is meant; of what is the id of none there are no images."""
    return None if batch_id is None else ids.decode(batch_id, Batch.__name__) or ids.NOTHING


def _checked(wanted: Filter) -> Filter:
    too_long = len(wanted.search) > LONGEST_SEARCH_CHARACTERS
    if too_long or len(words.sought(wanted.search)) > MOST_SEARCH_WORDS:
        raise BadUserInputError(
            f"`search` has at most {LONGEST_SEARCH_CHARACTERS} characters and {MOST_SEARCH_WORDS} words."
        )
    for argument, choices in {"tagsAll": wanted.tags_all, "mediaTypes": wanted.media_types}.items():
        if len(choices) > MOST_CHOICES:
            raise BadUserInputError(f"`{argument}` has at most {MOST_CHOICES} entries.")
    if any(len(tag) > LONGEST_TAG for tag in wanted.tags_all):  # before it is taken apart into words
        raise BadUserInputError(f"`tagsAll` has entries of at most {LONGEST_TAG} characters.")
    return wanted

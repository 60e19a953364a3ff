"""Images: taking them in, finding them again."""

from __future__ import annotations

from collections.abc import Sequence

from delivery import images as delivery
from delivery.signing import LONGEST_SECONDS
from errors import BadUserInputError, InvalidInputError
from models.image import Image, Variant
from models.page import Page, Position
from models.user import User
from processing import ingest
from processing.ingest import Incoming, Ingested
from resolvers import ids
from resolvers.context import Context, IncomingFile

KIND = Image.__name__
DEFAULT_FIRST, LARGEST_FIRST = 20, 100
LONGEST_CAPTION = 2_000
MOST_TAGS, LONGEST_TAG = 50, 100


async def upload(
    context: Context, file: IncomingFile, caption: str | None, tags: Sequence[str] | None
) -> Ingested:
    """Takes a file in for the viewer. Who asks and what they say of it is checked before a byte is read.

    Raises:
        InvalidInputError: The caption or a tag is too long, or there are too many tags.
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError: Nothing is kept.
    """
    owner_id, services = context.viewer_id, context.services
    caption, checked_tags = _caption(caption), _tags(tags or [])
    opened = await file.open()
    incoming = Incoming(owner_id, opened.filename, opened.pieces, caption, checked_tags)
    return await ingest.ingest(
        incoming, storage=services.storages.current, queue=services.queue, limits=services.ingest_limits
    )


async def get(context: Context, image_id: str) -> Image | None:
    """The viewer's image; None for another's, an unknown or a malformed id."""
    owner_id = context.viewer_id
    document_id = ids.decode(image_id, KIND)
    return await Image.of_owner(owner_id, document_id) if document_id else None


async def gallery(context: Context, first: int | None, after: str | None) -> Page[Image]:
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
    return await Image.count_of_owner(context.viewer_id)


async def owner(context: Context, image: Image) -> User | None:
    """Whose the image is."""
    return await context.loaders.users.load(image.owner_id)


def url(context: Context, image: Image, expires_in_seconds: int | None) -> str:
    """The signed address of the original.

    Raises:
        BadUserInputError: `expiresInSeconds` is not 1 to 604,800.
    """
    if expires_in_seconds is not None and not 1 <= expires_in_seconds <= LONGEST_SECONDS:
        raise BadUserInputError(f"`expiresInSeconds` is 1 to {LONGEST_SECONDS:,}.")
    path = delivery.path(image, delivery.ORIGINAL)
    return context.services.signer.address(path, expires_in_seconds)


def variant_url(context: Context, image: Image, variant: Variant) -> str:
    """The signed address of a variant."""
    return context.services.signer.address(delivery.path(image, variant.name))


def _first(first: int | None) -> int:
    if first is None:
        return DEFAULT_FIRST
    if not 1 <= first <= LARGEST_FIRST:
        raise BadUserInputError(f"`first` is 1 to {LARGEST_FIRST}.")
    return first


def _caption(caption: str | None) -> str | None:
    if caption is not None and len(caption) > LONGEST_CAPTION:
        raise InvalidInputError(f"A caption has at most {LONGEST_CAPTION:,} characters.", "caption")
    return caption


def _tags(tags: Sequence[str]) -> list[str]:
    """Trimmed, each once, in the order given."""
    kept = list(dict.fromkeys(tag.strip() for tag in tags))
    if len(kept) > MOST_TAGS:
        raise InvalidInputError(f"An image has at most {MOST_TAGS} tags.", "tags")
    if not all(1 <= len(tag) <= LONGEST_TAG for tag in kept):
        raise InvalidInputError(f"A tag has 1 to {LONGEST_TAG} characters.", "tags")
    return kept

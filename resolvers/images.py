"""Images: finding them again, and where their bytes are delivered."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from delivery import naming
from delivery.signing import LONGEST_SECONDS
from errors import BadUserInputError, NotFoundError
from models.image import Image
from models.user import User
from resolvers import ids
from resolvers.context import Context

KIND = Image.__name__
ADDRESSED_BY = ("checksum_sha256", "metadata_policy")
"""The fields of an image that its addresses follow from, besides its id."""


async def get(context: Context, image_id: str, columns: frozenset[str] | None = None) -> Image | None:
    """The viewer's image; None for another's, an unknown or a malformed id. `columns` as for `Image.of_owner`."""
    owner_id = context.viewer_id
    document_id = ids.decode(image_id, KIND)
    return await Image.of_owner(owner_id, document_id, columns) if document_id else None


def found(image: Image | None, image_id: str) -> Image:
    """The image that was looked for by this id.

    Raises:
        NotFoundError: There is none.
    """
    if image is None:
        raise NotFoundError(image_id)
    return image


async def owner(context: Context, image: Image) -> User | None:
    """Whose the image is."""
    return await context.loaders.users.load(image.owner_id)


async def owners(context: Context, images: Sequence[Image]) -> list[User | None]:
    """Whose each of the images is, in one query at most."""
    found = await context.services.people.by_ids(image.owner_id for image in images)
    return [found.get(image.owner_id) for image in images]


def url(context: Context, image: Image, expires_in_seconds: int | None) -> str:
    """The signed address of the original.

    Raises:
        BadUserInputError: `expiresInSeconds` is not 1 to 604,800.
    """
    return signed(context, image, naming.ORIGINAL, expires_in_seconds)


def presets(context: Context, image: Image) -> list[SimpleNamespace]:
    """What is known of the presets, each with its signed address as `url`."""
    folder, address = naming.folder(image), context.services.signer.address
    return [
        SimpleNamespace(**preset.__dict__, url=address(folder + preset.name)) for preset in image.variants
    ]


def signed(context: Context, image: Image, name: str, expires_in_seconds: int | None) -> str:
    """The address of what an image has under this name; None is how long addresses work here.

    Raises:
        BadUserInputError: `expiresInSeconds` is not 1 to 604,800.
    """
    if expires_in_seconds is not None and not 1 <= expires_in_seconds <= LONGEST_SECONDS:
        raise BadUserInputError(f"`expiresInSeconds` is 1 to {LONGEST_SECONDS:,}.")
    return context.services.signer.address(naming.path(image, name), expires_in_seconds)

"""Anything by its id, whatever it is."""

from __future__ import annotations

from collections.abc import Sequence

from beanie import PydanticObjectId

from errors import BadUserInputError
from models.image import Image
from models.user import User
from resolvers import ids, images
from resolvers.context import Context

Node = Image | User
MOST_IDS = 100


async def get(context: Context, node_id: str, columns: frozenset[str] | None = None) -> Node | None:
    """The viewer's own; None for another's, an unknown or a malformed id. `columns` as for `Image.of_owner`."""
    return (await get_many(context, [node_id], columns))[0]


async def get_many(
    context: Context, node_ids: Sequence[str], columns: frozenset[str] | None = None
) -> list[Node | None]:
    """As `get`, in the order asked, in one query a kind.

    Raises:
        BadUserInputError: More than MOST_IDS ids.
    """
    viewer_id = context.viewer_id
    if len(node_ids) > MOST_IDS:
        raise BadUserInputError(f"`ids` has at most {MOST_IDS} entries.")
    parts = [ids.split(node_id) for node_id in node_ids]
    image_ids = [part[1] for part in parts if part and part[0] == images.KIND]
    found: dict[tuple[str, PydanticObjectId], Node] = {}
    if image_ids:
        owned = await Image.all_of_owner(viewer_id, image_ids, columns)
        found.update({(images.KIND, image_id): image for image_id, image in owned.items()})
    if (myself := (User.__name__, viewer_id)) in parts and (
        user := await context.loaders.users.load(viewer_id)
    ):
        found[myself] = user
    return [found.get(part) if part else None for part in parts]

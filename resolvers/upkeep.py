"""Images that the viewer has: described anew, put into the trash, taken out of it, deleted for good."""

from __future__ import annotations

from collections.abc import Sequence

from errors import NotFoundError
from models.image import Image
from processing import upkeep
from resolvers import ids, images, labels
from resolvers.context import Context
from resolvers.labels import Kept


async def update(
    context: Context, image_id: str, caption: str | Kept | None, tags: Sequence[str] | Kept | None
) -> Image:
    """The image with its new labels; None clears one.

    Raises:
        InvalidInputError: The caption or a tag is too long or empty, or there are too many tags.
        NotFoundError: No image of the viewer's has this id.
    """
    owner_id = context.viewer_id
    changes = labels.changes(caption, tags)
    return images.found(
        await upkeep.describe(owner_id, ids.required(image_id, images.KIND), changes), image_id
    )


async def delete(context: Context, image_id: str, *, permanently: bool) -> str:
    """The id of the image, which is in the trash now or, `permanently`, no more.

    Raises:
        NotFoundError: No image of the viewer's has this id.
    """
    owner_id, document_id = context.viewer_id, ids.required(image_id, images.KIND)
    if permanently:
        deleted = await upkeep.delete(owner_id, document_id, context.services.queue)
    else:
        deleted = await upkeep.trash(owner_id, document_id)
    if not deleted:
        raise NotFoundError(image_id)
    return image_id


async def restore(context: Context, image_id: str) -> Image:
    """The image, which is in the gallery now.

    Raises:
        NotFoundError: No image of the viewer's has this id.
    """
    owner_id = context.viewer_id
    return images.found(await upkeep.restore(owner_id, ids.required(image_id, images.KIND)), image_id)

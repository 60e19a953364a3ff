"""A file that takes the place of an image's original."""

from __future__ import annotations

from beanie import PydanticObjectId

from models.image import Image
from models.values import MetadataPolicy
from processing.idempotency import Hold, Kept, KeyedInput
from processing.ingest import Ingested
from processing.replace import Replacement
from resolvers import ids, images
from resolvers.context import Context, IncomingFile

MUTATION = "replaceImage"


async def replace(
    context: Context, image_id: str, file: IncomingFile, policy: MetadataPolicy | None, key: str | None
) -> Image:
    """The viewer's image with the file as its original; with a key, a repeat is answered as the first time.

    Raises:
        NotFoundError: No image of the viewer's has this id.
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
            The image is as it was.
        IdempotencyConflictError: The key was used with another input.
        InvalidInputError: The key is too long.
    """
    owner_id, document_id = context.viewer_id, ids.required(image_id, images.KIND)
    if key is None:
        return images.found(await _take_in(context, document_id, file, policy, None), image_id)
    keyed = KeyedInput(owner_id, MUTATION, key, {"id": image_id, "metadataPolicy": policy})
    async with context.services.idempotency_keys.held(keyed) as held:
        if isinstance(held, Kept):
            opened = await file.open()
            return Ingested.again(await held.replay(opened.pieces)).image
        return images.found(await _take_in(context, document_id, file, policy, held), image_id)


async def _take_in(
    context: Context,
    image_id: PydanticObjectId,
    file: IncomingFile,
    policy: MetadataPolicy | None,
    hold: Hold | None,
) -> Image | None:
    opened = await file.open()
    replacement = Replacement(
        context.viewer_id, image_id, opened.filename, opened.pieces, policy, context.confirm_viewer
    )
    return await context.services.intake.replace(replacement, hold)

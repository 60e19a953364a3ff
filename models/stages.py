"""An image on its way through its development: each stage is reached once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from models.image import FINAL_STAGES, Image, ImageStage


async def advance(
    developed: Image, stage: ImageStage, transaction: AsyncClientSession, **changes: Any
) -> Image | None:
    """Moves the image on to `stage` and takes the next sequence; None if it is there already or further, or if its
    original is another by now.

    That is what makes work that is done twice, or for an original that was replaced, change the image once. Among the
    `variants`, what a batch has made stays.
    """
    order = list(ImageStage)
    earlier = [s for s in order[: order.index(stage)] if s not in FINAL_STAGES]
    if "variants" in changes:
        changes["variants"] = [*changes["variants"], *await _compressed(developed, transaction)]
    moved = await Image.get_pymongo_collection().find_one_and_update(
        {"_id": developed.id, "storage.key": developed.storage.key, "stage": {"$in": earlier}},
        {"$set": {"stage": stage, "updated_at": datetime.now(UTC), **changes}, "$inc": {"sequence": 1}},
        return_document=ReturnDocument.AFTER,
        session=transaction,
    )
    return Image.model_validate(moved) if moved else None


async def _compressed(developed: Image, transaction: AsyncClientSession) -> list[dict[str, Any]]:
    image: Image | None = await Image.find_one({"_id": developed.id}, session=transaction)
    return [image.compressed.model_dump()] if image and image.compressed else []

"""An image's original, swapped for another: what people said of the image stays, what was made of the old one goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from models import shelves, words
from models.image import Image, ImageStage, ImageState, Shelf

UNDEVELOPED: Mapping[str, Any] = {
    "state": ImageState.PROCESSING,
    "stage": ImageStage.STORED,
    "failure": None,
    "variants": [],
    "placeholder": None,
    "details": None,
    "privacy": None,
}


@dataclass(frozen=True)
class Swapped:
    """The image as it was and as it is."""

    old: Image
    new: Image


async def seen(image_id: PydanticObjectId, transaction: AsyncClientSession) -> Image | None:
    """The image as the transaction sees it: once that is committed, no failover can undo it."""
    image: Image | None = await Image.find_one({"_id": image_id}, session=transaction)
    return image


async def swap(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    facts: Mapping[str, Any],
    transaction: AsyncClientSession,
) -> Swapped | None:
    """Sets the `facts` of another original and takes the next sequence; None, and no effect, if the image is not this
    owner's.
    """
    wanted = {"_id": image_id, "owner_id": owner_id}
    old: Image | None = await Image.find_one(wanted, session=transaction)
    if old is None:
        return None
    changes = {
        **facts,
        **UNDEVELOPED,
        "words": words.of(facts["filename"], old.caption, old.tags),
        "sequence": old.sequence + 1,
        "updated_at": datetime.now(UTC),
    }
    new = old.model_copy(update=changes)
    answered = await shelves.hold_answering(new, transaction)
    new.answers_duplicates = new.shelf != Shelf.TRASH and not answered
    fields = new.model_dump(include={*changes, "answers_duplicates"})
    await Image.get_pymongo_collection().update_one(wanted, {"$set": fields}, session=transaction)
    await shelves.hand_over_duplicates(old, transaction)
    return Swapped(old, new)

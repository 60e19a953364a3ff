"""Images as batches use them: found by their bytes, joined, and later given what uploads have from the beginning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from errors import ImageGoneError
from models.image import Image, ImageState, Placeholder, Shelf, Variant
from models.values import Details, PrivacyReport

MOST_ALIKE = 20
"""So many images of the same bytes are looked at for one that can be used again."""


async def answering(
    wanted: Iterable[tuple[PydanticObjectId, str]],
) -> dict[tuple[PydanticObjectId, str], Image]:
    """Of owners and checksums those for which there is an image that answers for them, with it.

    Where there is none, there is no sound image of these bytes outside the trash: one would answer.
    """
    checksums: dict[PydanticObjectId, list[str]] = defaultdict(list)
    for owner_id, checksum in wanted:
        checksums[owner_id].append(checksum)
    found = {}
    for owner_id, of_owner in checksums.items():
        same_bytes = {"owner_id": owner_id, "checksum_sha256": {"$in": of_owner}, "answers_duplicates": True}
        async for raw in Image.get_pymongo_collection().find(same_bytes):
            found[owner_id, raw["checksum_sha256"]] = Image.model_validate(raw)
    return found


async def others_alike(image: Image) -> list[Image]:
    """The owner's other sound images of the same bytes outside the trash."""
    same_bytes = {"owner_id": image.owner_id, "checksum_sha256": image.checksum_sha256}
    sound = {"shelf": {"$ne": Shelf.TRASH}, "state": {"$ne": ImageState.FAILED}}
    others = {**same_bytes, "answers_duplicates": False, **sound}
    return await Image.find(others, sort="created_at", limit=MOST_ALIKE).to_list()


async def join(
    image: Image, batch_id: PydanticObjectId, variant: Variant | None, transaction: AsyncClientSession
) -> None:
    """Adds the image to those of a batch, with the variant COMPRESSED unless it has that.

    Raises:
        ImageGoneError: It is gone or in the trash by now, or has another original, policy or variant of this name.
    """
    wanted: dict[str, Any] = {
        "_id": image.id,
        "storage.key": image.storage.key,
        "metadata_policy": image.metadata_policy,
        "shelf": {"$ne": Shelf.TRASH},
    }
    update: dict[str, Any] = {"$addToSet": {"batch_ids": batch_id}}
    if variant:
        wanted["variants.name"] = {"$ne": variant.name}
        update["$push"] = {"variants": variant.model_dump()}
    elif image.compressed:
        wanted["variants.key"] = image.compressed.key
    joined = await Image.get_pymongo_collection().update_one(wanted, update, session=transaction)
    if not joined.matched_count:
        raise ImageGoneError


async def adorn(
    image: Image,
    presets: Sequence[Variant],
    placeholder: Placeholder,
    details: Details,
    privacy: PrivacyReport,
    transaction: AsyncClientSession,
) -> bool:
    """Adds what was made of the original; False, and no effect, if that was done before, or there is another original.

    Nothing moves on by it: neither stage nor sequence.
    """
    made = {
        "placeholder": placeholder.model_dump(),
        "details": details.model_dump(),
        "privacy": privacy.model_dump(),
    }
    adorned = await Image.get_pymongo_collection().update_one(
        {"_id": image.id, "storage.key": image.storage.key, "placeholder": None},
        {"$set": made, "$push": {"variants": {"$each": [preset.model_dump() for preset in presets]}}},
        session=transaction,
    )
    return bool(adorned.matched_count)

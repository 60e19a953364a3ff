"""Images on their way: from their shelf into the trash, back, and out of memory.

Every step is part of a transaction. Two that touch the same image, or images of the same bytes, conflict, and MongoDB
makes the later one look again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId
from pymongo import ASCENDING, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from models.image import Image, ImageState, Shelf

IMAGES_PER_PART = 100
LONGEST_TRASHED_FIRST = [("trashed_at", ASCENDING), ("_id", ASCENDING)]
OLDEST_FIRST = [("created_at", ASCENDING), ("_id", ASCENDING)]


async def into_trash(
    owner_id: PydanticObjectId, image_id: PydanticObjectId, transaction: AsyncClientSession
) -> Image | None:
    """Puts the image into the trash; None, and no effect, if it is there already or not this owner's."""
    wanted = {"_id": image_id, "owner_id": owner_id, "shelf": {"$ne": Shelf.TRASH}}
    image = await Image.find_one(wanted, session=transaction)
    if image is None:
        return None
    now = datetime.now(UTC)
    changes = {
        "shelf": Shelf.TRASH,
        "trashed_at": now,
        "trashed_from": image.shelf,
        "updated_at": now,
        "answers_duplicates": False,
    }
    trashed = await _change(wanted, changes, transaction)
    if trashed:
        await hand_over_duplicates(trashed, transaction)
    return trashed


async def out_of_trash(
    owner_id: PydanticObjectId, image_id: PydanticObjectId, transaction: AsyncClientSession
) -> Image | None:
    """Puts the image back where it came from; None, and no effect, unless it is in its owner's trash."""
    wanted = {"_id": image_id, "owner_id": owner_id, "shelf": Shelf.TRASH}
    image = await Image.find_one(wanted, session=transaction)
    if image is None:
        return None
    answered = await hold_answering(image, transaction)
    changes = {
        "shelf": image.home,
        "trashed_at": None,
        "trashed_from": None,
        "updated_at": datetime.now(UTC),
        "answers_duplicates": not answered and image.state != ImageState.FAILED,
    }
    return await _change(wanted, changes, transaction)


async def out_of_batch(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    batch_id: PydanticObjectId,
    transaction: AsyncClientSession,
) -> Image | None:
    """The batch does not use the image any more; None, and no effect, if it does not anyway."""
    used = {"_id": image_id, "owner_id": owner_id, "batch_ids": batch_id}
    image = await Image.get_pymongo_collection().find_one_and_update(
        used,
        {"$pull": {"batch_ids": batch_id}},
        return_document=ReturnDocument.AFTER,
        session=transaction,
    )
    return Image.model_validate(image) if image else None


async def into_gallery(
    owner_id: PydanticObjectId, image_id: PydanticObjectId, transaction: AsyncClientSession
) -> Image | None:
    """Puts the image into its owner's gallery; None, and no effect, unless it stands among those of batches."""
    changes = {"shelf": Shelf.GALLERY, "updated_at": datetime.now(UTC)}
    return await _change({"_id": image_id, "owner_id": owner_id, "shelf": Shelf.BATCH}, changes, transaction)


async def forget(
    owner_id: PydanticObjectId,
    image_id: PydanticObjectId,
    transaction: AsyncClientSession,
    *,
    trashed_before: datetime | None = None,
) -> Image | None:
    """Deletes the document, or with `trashed_before` only if it has been in the trash since then or longer.

    Returns:
        What it was; None if there was nothing to delete.
    """
    expired = {"shelf": Shelf.TRASH, "trashed_at": {"$lt": trashed_before}} if trashed_before else {}
    forgotten = await Image.get_pymongo_collection().find_one_and_delete(
        {"_id": image_id, "owner_id": owner_id, **expired}, session=transaction
    )
    if forgotten is None:
        return None
    image: Image = Image.model_validate(forgotten)
    await hand_over_duplicates(image, transaction)
    return image


async def hand_over_duplicates(left: Image, transaction: AsyncClientSession) -> None:
    """If nobody answers any more for the bytes of `left`, the oldest live image of them that did not fail does."""
    same_bytes = {"owner_id": left.owner_id, "checksum_sha256": left.checksum_sha256}
    if await Image.find_one({**same_bytes, "answers_duplicates": True}, session=transaction):
        return
    await Image.get_pymongo_collection().find_one_and_update(
        {
            **same_bytes,
            "answers_duplicates": False,
            "shelf": {"$ne": Shelf.TRASH},
            "state": {"$ne": ImageState.FAILED},
        },
        {"$set": {"answers_duplicates": True}},
        sort=OLDEST_FIRST,
        session=transaction,
    )


async def expired(
    trashed_before: datetime, owner_id: PydanticObjectId | None = None
) -> AsyncGenerator[Image, None]:
    """The images that went into the trash before that time, each once; the longest ago first."""
    behind: list[dict[str, Any]] = []
    while True:
        wanted = {"$and": [_expired(trashed_before, owner_id), *behind]}
        found = Image.get_pymongo_collection().find(wanted, sort=LONGEST_TRASHED_FIRST, limit=IMAGES_PER_PART)
        part = [Image.model_validate(image) async for image in found]
        for image in part:
            yield image
        if len(part) < IMAGES_PER_PART:
            return
        last = part[-1]
        behind = [
            {
                "$or": [
                    {"trashed_at": {"$gt": last.trashed_at}},
                    {"trashed_at": last.trashed_at, "_id": {"$gt": last.id}},
                ]
            }
        ]


async def amount_expired(
    trashed_before: datetime, owner_id: PydanticObjectId | None = None
) -> tuple[int, int]:
    """How many images went into the trash before that time, and the bytes of their originals."""
    sums = {"_id": None, "images": {"$sum": 1}, "bytes": {"$sum": "$size_bytes"}}
    rows = await Image.get_pymongo_collection().aggregate(
        [{"$match": _expired(trashed_before, owner_id)}, {"$group": sums}]
    )
    async for row in rows:
        return row["images"], row["bytes"]
    return 0, 0


async def hold_answering(image: Image, transaction: AsyncClientSession) -> bool:
    """Whether another image answers for the same bytes, and will still do so when the transaction is committed.

    Looking alone would not hold it: it could go into the trash meanwhile and find no heir, since ours is none yet. So
    it is written to, in a field that nobody reads, which makes the two transactions conflict.
    """
    held = await Image.get_pymongo_collection().find_one_and_update(
        {
            "_id": {"$ne": image.id},
            "owner_id": image.owner_id,
            "checksum_sha256": image.checksum_sha256,
            "answers_duplicates": True,
        },
        {"$inc": {"times_held": 1}},
        session=transaction,
    )
    return held is not None


async def some_of_owner(owner_id: PydanticObjectId, limit: int) -> list[PydanticObjectId]:
    """The ids of some of the owner's images, in the gallery or not."""
    found: list[dict[str, Any]] = (
        await Image.get_pymongo_collection().find({"owner_id": owner_id}, {"_id": 1}, limit=limit).to_list()
    )
    return [image["_id"] for image in found]


async def forget_all(image_ids: Sequence[PydanticObjectId], transaction: AsyncClientSession) -> None:
    """Deletes the documents."""
    await Image.get_pymongo_collection().delete_many({"_id": {"$in": image_ids}}, session=transaction)


async def owners_among(user_ids: Iterable[PydanticObjectId]) -> list[PydanticObjectId]:
    """Those of the users who have images."""
    return await Image.get_pymongo_collection().distinct("owner_id", {"owner_id": {"$in": list(user_ids)}})


def _expired(trashed_before: datetime, owner_id: PydanticObjectId | None) -> dict[str, Any]:
    expired = {"shelf": Shelf.TRASH, "trashed_at": {"$lt": trashed_before}}
    return {**expired, "owner_id": owner_id} if owner_id else expired


async def _change(
    wanted: dict[str, Any], changes: dict[str, Any], transaction: AsyncClientSession
) -> Image | None:
    changed = await Image.get_pymongo_collection().find_one_and_update(
        wanted, {"$set": changes}, return_document=ReturnDocument.AFTER, session=transaction
    )
    return Image.model_validate(changed) if changed else None

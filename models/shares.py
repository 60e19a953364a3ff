"""Shares counted anew: what the documents say beside what the tally says, both as of one moment."""

from __future__ import annotations

from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from models.image import Image, Shelf, listing_keys
from models.tally import SUMS, Share, Tally

IS_LISTED = {"$cond": [{"$eq": ["$shelf", Shelf.GALLERY]}, 1, 0]}


async def counted(owner_id: PydanticObjectId, transaction: AsyncClientSession) -> Share:
    """What the owner's documents come to, by an index alone."""
    sums = {"image_count": {"$sum": IS_LISTED}, "stored_bytes": {"$sum": "$size_bytes"}}
    return await _sum(Image, owner_id, sums, transaction, hint=dict(listing_keys("size_bytes")))


async def tallied(owner_id: PydanticObjectId, transaction: AsyncClientSession) -> Share:
    """What the lines of the owner's tally come to."""
    return await _sum(Tally, owner_id, SUMS, transaction)


async def correct(owner_id: PydanticObjectId, by: Share, transaction: AsyncClientSession) -> None:
    """Adds to the owner's tally.

    The line has the owner's id: of two that correct at once, the later one conflicts, and looks again.
    """
    await Tally.get_pymongo_collection().update_one(
        {"_id": owner_id},
        {
            "$inc": {"image_count": by.image_count, "stored_bytes": by.stored_bytes},
            "$setOnInsert": {"owner_id": owner_id, "reservation_id": None},
        },
        upsert=True,
        session=transaction,
    )


async def _sum(
    collection: type[Image | Tally],
    owner_id: PydanticObjectId,
    sums: dict[str, Any],
    transaction: AsyncClientSession,
    **options: Any,
) -> Share:
    rows = await collection.get_pymongo_collection().aggregate(
        [{"$match": {"owner_id": owner_id}}, {"$group": {"_id": None, **sums}}],
        session=transaction,
        **options,
    )
    async for row in rows:
        return Share(row["image_count"], row["stored_bytes"])
    return Share()

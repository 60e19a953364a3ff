"""What images say of where their bytes lie, for whoever goes through all of them.

The order is that of object keys: by owner, then by image. Parts are read one by one: MongoDB forgets a cursor that
rests for ten minutes, as it may while objects are worked on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from models.image import FINAL_STAGES, Image, ImageStage, ImageState, Shelf, StoredAt, Variant, home

IMAGES_PER_PART = 2_000
FIELDS = {
    "owner_id": 1,
    "shelf": 1,
    "trashed_from": 1,
    "batch_ids": 1,
    "storage": 1,
    "variants": 1,
    "stage": 1,
    "sequence": 1,
    "size_bytes": 1,
    "checksum_sha256": 1,
}


@dataclass(frozen=True)
class Holding:
    """An image's objects: the original at `stored_at`, and its presets in the same storage.

    `sequence` grows whenever one of them becomes another; of an image of a batch, variants may come in without it.
    `home` is the shelf that it returns to.
    """

    image_id: PydanticObjectId
    owner_id: PydanticObjectId
    stored_at: StoredAt
    size_bytes: int
    checksum_sha256: str
    variants: Sequence[Variant]
    stage: ImageStage
    sequence: int
    home: Shelf

    @property
    def keys(self) -> list[str]:
        """Of the original and the presets."""
        return [self.stored_at.key, *(variant.key for variant in self.variants)]


@dataclass(frozen=True)
class Amount:
    """How many images, the bytes of their originals, and how many of them are still being developed."""

    images: int = 0
    original_bytes: int = 0
    unfinished: int = 0


async def in_order() -> AsyncGenerator[Holding, None]:
    """Those of all images."""
    owner_id = await _owner_after(None)
    while owner_id:
        async for holding in _of_owner(owner_id):
            yield holding
        owner_id = await _owner_after(owner_id)


async def finished_in(
    kind: str, between: tuple[PydanticObjectId, PydanticObjectId], limit: int
) -> list[Holding]:
    """The first images between those ids that lie in storage of this kind and of which nothing more is made."""
    after, before = between
    ids = {"_id": {"$gt": after, "$lt": before}}
    return await _found({"storage.kind": kind, "stage": {"$in": FINAL_STAGES}, **ids}, limit)


async def are_more_than(number: int, kind: str) -> bool:
    """Whether more images than that lie in storage of this kind."""
    lying_there = {"storage.kind": kind}
    return await Image.get_pymongo_collection().count_documents(lying_there, limit=number + 1) > number


async def estimated_count() -> int:
    """About how many images there are, for whoever shows how far something is."""
    return await Image.get_pymongo_collection().estimated_document_count()


async def amount_in(kind: str) -> Amount:
    """What lies in storage of this kind."""
    is_unfinished = {"$cond": [{"$in": ["$stage", FINAL_STAGES]}, 0, 1]}
    sums = {"images": {"$sum": 1}, "bytes": {"$sum": "$size_bytes"}, "unfinished": {"$sum": is_unfinished}}
    rows = await Image.get_pymongo_collection().aggregate(
        [{"$match": {"storage.kind": kind}}, {"$group": {"_id": None, **sums}}]
    )
    async for row in rows:
        return Amount(row["images"], row["bytes"], row["unfinished"])
    return Amount()


async def look(image_id: PydanticObjectId) -> Holding | None:
    """The image's, as it is on a majority: not even a failover makes another of it."""
    durable = Image.get_pymongo_collection().with_options(read_concern=ReadConcern("majority"))
    found = await durable.find_one({"_id": image_id}, FIELDS)
    return _holding(found) if found else None


async def move(
    seen: Holding, stored_at: StoredAt, variants: Sequence[Variant], transaction: AsyncClientSession
) -> bool:
    """The bytes lie elsewhere from now on; False, and no effect, unless the image is still as it was seen.

    Nothing that clients see is another but the name of the storage: neither `updated_at` nor the log moves.
    """
    changes = {"storage": stored_at.model_dump(), "variants": [variant.model_dump() for variant in variants]}
    moved = await Image.get_pymongo_collection().update_one(
        _as_seen(seen), {"$set": changes}, session=transaction
    )
    return bool(moved.matched_count)


async def start_over(
    seen: Holding, variants: Sequence[Variant], transaction: AsyncClientSession
) -> int | None:
    """The image is to be developed again, and has only these presets until then.

    Returns:
        The sequence that is taken; None, and no effect, unless the image is still as it was seen.
    """
    changes = {
        "state": ImageState.PROCESSING,
        "stage": ImageStage.STORED,
        "variants": [variant.model_dump() for variant in variants],
        "updated_at": datetime.now(UTC),
    }
    started = await Image.get_pymongo_collection().update_one(
        _as_seen(seen), {"$set": changes, "$inc": {"sequence": 1}}, session=transaction
    )
    return seen.sequence + 1 if started.matched_count else None


def _as_seen(seen: Holding) -> dict[str, Any]:
    return {
        "_id": seen.image_id,
        "storage.kind": seen.stored_at.kind,
        "storage.key": seen.stored_at.key,
        "sequence": seen.sequence,
        "variants": {"$size": len(seen.variants)},
        **({"variants.key": {"$all": [variant.key for variant in seen.variants]}} if seen.variants else {}),
    }


async def _owner_after(owner_id: PydanticObjectId | None) -> PydanticObjectId | None:
    behind = {"owner_id": {"$gt": owner_id}} if owner_id else {}
    found = await Image.get_pymongo_collection().find_one(
        behind, {"_id": 0, "owner_id": 1}, sort=[("owner_id", ASCENDING)]
    )
    return found["owner_id"] if found else None


async def _of_owner(owner_id: PydanticObjectId) -> AsyncGenerator[Holding, None]:
    last: PydanticObjectId | None = None
    while True:
        part = await _found({"owner_id": owner_id, **_behind(last)}, IMAGES_PER_PART)
        for holding in part:
            yield holding
        if len(part) < IMAGES_PER_PART:
            return
        last = part[-1].image_id


def _behind(image_id: PydanticObjectId | None) -> dict[str, Any]:
    return {"_id": {"$gt": image_id}} if image_id else {}


async def _found(wanted: dict[str, Any], limit: int) -> list[Holding]:
    images = Image.get_pymongo_collection().find(wanted, FIELDS, sort=[("_id", ASCENDING)], limit=limit)
    return [_holding(image) async for image in images]


def _holding(image: dict[str, Any]) -> Holding:
    return Holding(
        image_id=PydanticObjectId(image["_id"]),
        owner_id=PydanticObjectId(image["owner_id"]),
        stored_at=StoredAt(**image["storage"]),
        size_bytes=image["size_bytes"],
        checksum_sha256=image["checksum_sha256"],
        variants=[Variant(**variant) for variant in image["variants"]],
        stage=ImageStage(image["stage"]),
        sequence=image["sequence"],
        home=home(image["shelf"], image.get("trashed_from"), image.get("batch_ids", [])),
    )

"""Batches as their result files tell them: read in parts, each product with its items, each item with its image."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime
from typing import Any

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING

from models import reading
from models.batch import Batch
from models.batch_item import BatchItem
from models.image import Image
from models.product import Product

PRODUCTS_PER_PART = 1_000
ITEMS_PER_PART = 1_000
ADDRESSED_BY = frozenset({"checksum_sha256", "metadata_policy", "variants"})

Result = tuple[Product, list[tuple[BatchItem, Image | None]]]


async def of_batch(batch: Batch) -> AsyncGenerator[Result, None]:
    """The products as far as the manifest has been read, in its order, with what has become of their images.

    What is held at once is PRODUCTS_PER_PART products and hardly more than ITEMS_PER_PART items. Parts are read one by
    one: MongoDB forgets a cursor that rests for ten minutes, as it may while a client reads slowly.
    """
    row = -1
    while part := await _products(batch, row):
        row = part[-1].row
        for group in _grouped(part):
            for result in await _results(batch, group):
                yield result


async def state(batch: Batch) -> tuple[int, datetime | None]:
    """What changes when one of the batch's images is deleted, replaced or otherwise changed: how many there are, and
    when the last one changed.
    """
    mine: dict[str, Any] = {"owner_id": batch.owner_id, "batch_ids": batch.id}
    sums = {"count": {"$sum": 1}, "changed_at": {"$max": "$updated_at"}}
    groups = await Image.get_pymongo_collection().aggregate(
        [{"$match": mine}, {"$group": {"_id": None, **sums}}]
    )
    async for group in groups:
        return group["count"], group["changed_at"]
    return 0, None


async def _products(batch: Batch, behind_row: int) -> list[Product]:
    wanted = {"batch_id": batch.id, "row": {"$gt": behind_row, "$lt": batch.expanded_rows}}
    return await _found(Product, wanted, [("row", ASCENDING)], PRODUCTS_PER_PART)


def _grouped(products: Sequence[Product]) -> Iterable[list[Product]]:
    """In their order, as many together as have ITEMS_PER_PART items, or hardly more."""
    group: list[Product] = []
    item_count = 0
    for product in products:
        group.append(product)
        item_count += product.image_count
        if item_count >= ITEMS_PER_PART:
            yield group
            group, item_count = [], 0
    if group:
        yield group


async def _results(batch: Batch, products: Sequence[Product]) -> list[Result]:
    first, last = products[0], products[-1]
    between = {"$gte": first.first_position, "$lt": last.first_position + last.image_count}
    stored = await _found(
        BatchItem, {"batch_id": batch.id, "position": between}, [("position", ASCENDING)], 0
    )
    images = await Image.all_of_owner(
        batch.owner_id, {item.image_id for item in stored if item.image_id}, ADDRESSED_BY
    )
    items: dict[PydanticObjectId, list[tuple[BatchItem, Image | None]]] = {}
    for each in stored:
        image = images.get(each.image_id) if each.image_id else None
        items.setdefault(each.product_id, []).append((each.as_in(batch), image))
    return [(product, items.get(PydanticObjectId(product.id), [])) for product in products]


async def _found(
    kind: type[Document], wanted: dict[str, Any], sort: list[tuple[str, int]], limit: int
) -> list[Any]:
    reader = reading.of(kind)
    found = kind.get_pymongo_collection().find(wanted, sort=sort, limit=limit)
    return [reader.read(raw) async for raw in found]

"""Batches in the database without a manifest or a worker, for tests of how they are read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from beanie import PydanticObjectId

from models import transactions, words
from models.batch import Batch, BatchState, Counts
from models.batch_event import BatchEvent
from models.batch_item import BatchItem, BatchItemState
from models.image import COMPRESSED, Image, Shelf, StoredAt, Variant
from models.product import Product
from models.values import Compression, Failure
from processing.batches import ids
from processing.batches.ledger import COUNTERS
from tests import albums

GONE = Failure(code="FETCH_FAILED", message="No image could be fetched.", retryable=True)
SUCCEEDED, FAILED = BatchItemState.SUCCEEDED, BatchItemState.FAILED
PENDING, RUNNING, CANCELLED = BatchItemState.PENDING, BatchItemState.RUNNING, BatchItemState.CANCELLED


@dataclass(frozen=True)
class Row:
    """A row of a manifest, and what became of its images, whose addresses are made up."""

    name: str
    states: Sequence[BatchItemState] = (SUCCEEDED,)
    serial_number: str = "1"
    extra: Sequence[str] = ()
    urls: Sequence[str] = ()


@dataclass(frozen=True)
class Catalogue:
    """A batch with all that belongs to it."""

    batch: Batch
    products: list[Product] = field(default_factory=list)
    items: list[BatchItem] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


async def keep(owner_id: PydanticObjectId, *rows: Row, minute: int = 0, **fields: Any) -> Catalogue:
    """Writes a batch down as a worker would have."""
    catalogue = Catalogue(_batch(owner_id, rows, minute, fields))
    for number, row in enumerate(rows):
        _add(catalogue, number, row, minute)
    await catalogue.batch.insert()
    await Product.insert_many(catalogue.products)
    await BatchItem.insert_many(catalogue.items)
    if catalogue.images:
        await Image.insert_many(catalogue.images)
    return catalogue


async def log(batch: Batch, count: int, *, is_finished: bool = False) -> None:
    """Writes so many more changes of the batch down, and has it finished with the last one if that is so."""
    events = [
        BatchEvent(
            owner_id=batch.owner_id,
            batch_id=batch.id,
            sequence=batch.sequence + number,
            state=batch.state,
            counts=batch.counts,
            eta_seconds=None,
            is_last=is_finished and number == count,
        )
        for number in range(1, count + 1)
    ]

    async def write(transaction: transactions.Transaction) -> None:
        if events:
            await BatchEvent.record(events, transaction)
        batch.sequence += count
        batch.finished_at = albums.BEGAN if is_finished else None
        fields = batch.model_dump(include={"sequence", "finished_at", "state", "counts", "round"})
        await Batch.change(batch.id, {"$set": fields}, transaction)

    await transactions.run(write)


def _batch(owner_id: PydanticObjectId, rows: Sequence[Row], minute: int, fields: dict[str, Any]) -> Batch:
    states = [state for row in rows for state in row.states]
    counts = {COUNTERS[state]: states.count(state) for state in BatchItemState}
    defaults = {
        "id": PydanticObjectId(),
        "owner_id": owner_id,
        "state": BatchState.RUNNING,
        "manifest_name": "goods.csv",
        "manifest": StoredAt(kind="gridfs", key="m"),
        "compression": Compression(),
        "counts": Counts(total=len(states), **counts),
        "expanded_rows": len(rows),
        "expanded_items": len(states),
        "is_expanded": True,
        "created_at": albums.BEGAN + timedelta(minutes=minute),
    }
    return Batch(**{**defaults, **fields})


def _add(catalogue: Catalogue, number: int, row: Row, minute: int) -> None:
    batch, first = catalogue.batch, len(catalogue.items)
    product = Product(
        id=ids.product(batch.id, number),
        owner_id=batch.owner_id,
        batch_id=batch.id,
        row=number,
        rank=minute * 1_000_000 - number,
        serial_number=row.serial_number,
        name=row.name,
        words=words.of(row.serial_number, row.name, []),
        extra=list(row.extra),
        first_position=first,
        image_count=len(row.states),
    )
    catalogue.products.append(product)
    for index, state in enumerate(row.states):
        catalogue.items.append(_item(catalogue, product, index, state, row))


def _item(catalogue: Catalogue, product: Product, index: int, state: BatchItemState, row: Row) -> BatchItem:
    batch, position = catalogue.batch, product.first_position + index
    url = row.urls[index] if row.urls else f"https://cdn.example.com/{position}.jpg"
    ended: dict[str, Any] = {"failure": GONE} if state is FAILED else {}
    if state is SUCCEEDED:
        image = _image(batch)
        catalogue.images.append(image)
        ended = {"image_id": image.id, "bytes_in": 1_000, "bytes_out": 400}
    return BatchItem(
        id=ids.item(batch.id, position),
        owner_id=batch.owner_id,
        batch_id=batch.id,
        product_id=product.id,
        unit_id=ids.unit(batch.id, url),
        position=position,
        index=index,
        source_url=url,
        state=state,
        round=batch.round,
        attempt_count=1 if ended else 0,
        **ended,
    )


def _image(batch: Batch) -> Image:
    compressed = Variant(
        name=COMPRESSED,
        key=f"v-{secrets.token_hex(4)}",
        media_type="image/jpeg",
        width_px=4,
        height_px=3,
        size_bytes=400,
    )
    return albums.image(
        batch.owner_id,
        storage=StoredAt(kind="gridfs", key="k"),
        shelf=Shelf.BATCH,
        batch_ids=[batch.id],
        variants=[compressed],
    )

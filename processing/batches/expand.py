"""A manifest becomes products, items and units of work, chunk by chunk, from wherever it was interrupted.

What is new in a chunk waits to be done, as it was counted to do all along: it is written under computed ids, as often
as need be. Then one transaction moves the cursor, and adds the items whose address came up in an earlier chunk: each is
as far as its unit. It conflicts with whatever else happens to the batch, so no unit ends without one of its items.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

import structlog
from beanie import PydanticObjectId

from errors import StorageError
from failpoints import failpoint
from models import transactions
from models.batch import Batch, BatchState, now
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.product import Product
from models.transactions import Transaction
from processing.batches import chunks, controls
from processing.batches.chunks import Chunk
from processing.batches.ledger import Ledger
from processing.manifest.reading import Limits, Reading
from processing.queue.base import WorkItem, WorkQueue
from storage.adapters import Storages

EXPAND = "expand"
ITEMS_PER_CHUNK = 250
"""What is made of them keeps the event loop, and so all units in hand, waiting for some hundredths of a second."""

ITEMS_AHEAD = 1_000
REST_PER_WORK = 2.0
LONGEST_REST_SECONDS = 2.0
"""Once so many items wait to be taken up, there is no hurry: two thirds of the time are left to those in hand."""

MAX_ATTEMPTS = 300  # with the longest delay between them: storage may be down for a day
LIMITS: Final = Limits(max_bytes=sys.maxsize, max_rows=sys.maxsize, max_images=sys.maxsize)
"""The manifest was within its limits when it was taken."""

ENDED = (BatchItemState.SUCCEEDED, BatchItemState.FAILED)
AS_THE_UNIT = (
    "state",
    "round",
    "attempt_count",
    "image_id",
    "failure",
    "bytes_in",
    "bytes_out",
    "kept_original",
)

log = structlog.get_logger()


class ExpandBatch:
    """Writes down what a batch's manifest says. `on_chunk` is told of its owner when there is more to be done."""

    max_attempts = MAX_ATTEMPTS

    def __init__(
        self,
        storages: Storages,
        queue: WorkQueue,
        on_chunk: Callable[[PydanticObjectId], None],
        *,
        items_per_chunk: int = ITEMS_PER_CHUNK,
    ) -> None:
        self._storages = storages
        self._queue = queue
        self._on_chunk = on_chunk
        self._items_per_chunk = items_per_chunk

    async def run(self, item: WorkItem) -> None:
        """Goes on behind the last chunk that is written.

        Raises:
            StorageError: The manifest cannot be read, or is not what it was when its images were counted.
        """
        batch: Batch | None = await Batch.get(item.subject_id)
        if batch is None or batch.is_expanded:
            return
        pieces = self._storages.of(batch.manifest.kind).get(batch.manifest.key)
        reached, begun_at = batch.expanded_items, time.monotonic()
        async with aclosing(pieces), aclosing(Reading(pieces, LIMITS).rows()) as rows:
            async for chunk in chunks.cut(rows, batch, self._items_per_chunk):
                reached = chunk.end_position
                if reached > batch.counts.total:
                    break
                written = await self._write(chunk)
                if written is None:
                    return  # somebody else goes on with it, or it is gone
                self._on_chunk(batch.owner_id)
                if _is_ahead(written):
                    rest_seconds = REST_PER_WORK * (time.monotonic() - begun_at)
                    await asyncio.sleep(min(rest_seconds, LONGEST_REST_SECONDS))
                begun_at = time.monotonic()
        if reached != batch.counts.total:
            raise StorageError("a manifest is not what it was when its images were counted", retryable=False)

    async def _write(self, chunk: Chunk) -> Batch | None:
        """The batch with the chunk, if it is written, and by us."""
        joining = await _write_new(chunk)
        failpoint("batch.expanding")

        async def write(transaction: Transaction) -> Batch | None:
            cursor = {"expanded_rows": chunk.end_row, "expanded_items": chunk.end_position}
            batch = await Batch.change(
                chunk.batch_id, {"$set": cursor}, transaction, expanded_rows=chunk.first_row
            )
            if batch is None:
                return None
            batch.is_expanded = batch.expanded_items == batch.counts.total
            ledger = Ledger(batch)
            if batch.state is BatchState.QUEUED:
                ledger.enter(BatchState.RUNNING)
            if joining:
                await _join(joining, ledger, transaction)
            await ledger.close(self._queue, transaction)
            return batch

        written = await transactions.run(write)
        failpoint("batch.expanded")
        return written

    async def give_up(self, item: WorkItem) -> None:
        """What is not known to its last image cannot come to another end."""
        log.error("a batch is cancelled: its manifest cannot be read", batch=str(item.subject_id))
        await controls.cancel_unless_finished(item.owner_id, item.subject_id, self._queue)


def _is_ahead(batch: Batch) -> bool:
    """Whether enough items wait for those who take them up."""
    return batch.expanded_items - batch.counts.running - batch.counts.ended >= ITEMS_AHEAD


async def _write_new(chunk: Chunk) -> list[BatchItem]:
    """Writes what waits to be done, items before their units: a unit that can be handed out has all its items.

    Returns:
        The items of units that are known from earlier chunks.
    """
    items = chunk.items()
    known = await BatchUnit.all_by_id({item.unit_id for item in items})
    earlier = {unit_id for unit_id, unit in known.items() if unit.position < chunk.first_position}
    await Product.add(chunk.products())
    if new := [item for item in items if item.unit_id not in earlier]:
        await BatchItem.add(new)
        await BatchUnit.add(chunks.units(new))
    return [item for item in items if item.unit_id in earlier]


async def _join(items: Sequence[BatchItem], ledger: Ledger, transaction: Transaction) -> None:
    """Adds items of units that are known. Those of a cancelled batch are counted as such, and are not as their units."""
    if ledger.batch.state is BatchState.CANCELLED:
        await BatchItem.add(items, transaction)
        return
    units = await BatchUnit.all_by_id({item.unit_id for item in items}, transaction)
    joined = [item.model_copy(update=_as(units[item.unit_id])) for item in items]
    await BatchItem.add(joined, transaction)
    for item in joined:
        if item.state is not BatchItemState.PENDING:
            ledger.move(BatchItemState.PENDING, BatchItemState.RUNNING)
        if item.state in ENDED:
            ledger.end_item(PydanticObjectId(item.id), item.state)
            ledger.batch.bytes_in += item.bytes_in or 0
            ledger.batch.bytes_out += item.bytes_out or 0


def _as(unit: BatchUnit) -> dict[str, object]:
    shared = {name: getattr(unit, name) for name in AS_THE_UNIT}
    return {**shared, "ended_at": now() if unit.state in ENDED else None}

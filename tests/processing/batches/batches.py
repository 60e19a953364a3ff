"""Batches as the service makes them, workers' hands for their units, and what must be true of them at any moment."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from beanie import PydanticObjectId

from models import transactions
from models.batch import Batch, BatchState, Counts
from models.batch_event import BatchEvent
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.image import Image, ImageStage, ImageState, Shelf, StoredAt
from models.values import Compression, Failure
from models.work import Work
from processing.batches import dealing
from processing.batches.expand import EXPAND, ExpandBatch
from processing.batches.ledger import COUNTERS
from processing.batches.outcomes import Ending, Failed, Postponed, Succeeded
from processing.queue.base import WorkItem
from processing.quota import Needless
from processing.register import Entry
from storage.adapters import Storages

GONE = Failure(code="NOT_FOUND", message="There is nothing at this address.", retryable=False)
SLOW = Failure(code="TIMEOUT", message="The server did not answer in time.", retryable=True)


def manifest(*rows):
    """A CSV in which each row has the addresses that are given by their names."""
    lines = [
        f'{number},SKU{number},"{",".join(f"https://cdn.example.com/{name}" for name in row)}"'
        for number, row in enumerate(rows, 1)
    ]
    return "\n".join(["S. No.,Product Name,Input Image Urls", *lines]).encode()


async def submit(owner_id, storage, *rows):
    """A batch of these rows, still to be expanded."""
    batch_id = PydanticObjectId()
    key = f"manifests/{owner_id}/{batch_id}"

    async def pieces():
        yield manifest(*rows)

    await storage.put(key, pieces())
    total = sum(map(len, rows))
    batch = Batch(
        id=batch_id,
        owner_id=owner_id,
        manifest_name="catalogue.csv",
        manifest=StoredAt(kind=storage.kind, key=key),
        compression=Compression(),
        counts=Counts(total=total, pending=total),
        created_at=datetime.now(UTC),
    )
    await transactions.run(lambda transaction: Batch.add(batch, transaction))
    return batch


def expansion(batch):
    return WorkItem(EXPAND, batch.id, batch.owner_id, PydanticObjectId())


async def expand(batch, storage, queue, **options):
    await ExpandBatch(Storages(storage), queue, lambda _: None, **options).run(expansion(batch))


async def running(batch):
    """The batch's units that were handed out, in the order of the manifest."""
    return await BatchUnit.find({"batch_id": batch.id, "state": "RUNNING"}, sort="position").to_list()


async def hand_out(batch, queue, window=1_000):
    while await dealing.deal(batch.owner_id, window, queue):
        pass
    return await running(batch)


def letters(units):
    """The ends of their addresses, in one word."""
    return "".join(unit.url[-1] for unit in units)


def image(owner_id, seed, batch_id=None):
    """As a worker makes one of a fetched file."""
    image_id, now = PydanticObjectId(), datetime.now(UTC)
    return Image(
        id=image_id,
        owner_id=owner_id,
        filename=f"{seed}.jpg",
        state=ImageState.READY,
        stage=ImageStage.READY,
        sequence=0,
        media_type="image/jpeg",
        size_bytes=1_000,
        width_px=1,
        height_px=1,
        frame_count=1,
        checksum_sha256=f"{seed}",
        storage=StoredAt(kind="memory", key=f"originals/{owner_id}/{image_id}"),
        shelf=Shelf.BATCH,
        batch_ids=[batch_id],
        created_at=now,
        updated_at=now,
    )


def succeeded(unit):
    source = Entry(image(unit.owner_id, f"{unit.id}", unit.batch_id), Needless(), None)
    return Ending(unit, unit.ticket, Succeeded(source, 1_000, 400, kept_original=False))


def failed(unit):
    return Ending(unit, unit.ticket, Failed(GONE))


def postponed(unit, ready_at):
    return Ending(unit, unit.ticket, Postponed(SLOW, ready_at))


async def log(batch):
    return await BatchEvent.after(batch.id, 0, 200_000)


async def fresh(batch):
    return await Batch.get(batch.id)


async def exact(batch):
    """The batch as it is, after a look at everything that must be true of any batch at any moment."""
    batch, events = await Batch.get(batch.id), await log(batch)
    assert [event.sequence for event in events] == list(range(1, batch.sequence + 1))
    for counts in [batch.counts, *(event.counts for event in events)]:
        states = counts.model_dump(exclude={"total"})
        assert sum(states.values()) == counts.total
        assert min(states.values()) >= 0
    assert events == [] or not batch.is_finished or events[-1].is_last
    if events:
        assert (events[-1].counts.ended, events[-1].state) == (batch.counts.ended, batch.state)
    items = await _items_agree(batch)
    await _units_agree(batch, items)
    ends = Counter(event.item_id for event in events if event.item_id)
    assert all(ends[item.id] <= item.round for item in items)
    assert all(ends[item.id] for item in items if item.state in {"SUCCEEDED", "FAILED"})
    return batch


async def _items_agree(batch):
    items = await BatchItem.find({"batch_id": batch.id}, sort="position").to_list()
    unexpanded = batch.counts.total - batch.expanded_items
    known = [item for item in items if item.position < batch.expanded_items]
    assert [item.position for item in known] == list(range(batch.expanded_items))
    states = Counter(COUNTERS[item.state_in(batch)] for item in known)
    states["cancelled" if batch.state is BatchState.CANCELLED else "pending"] += unexpanded
    ahead = Counter(item.state for item in items if item.position >= batch.expanded_items)
    states["running"] += ahead[BatchItemState.RUNNING]
    states["pending"] -= ahead[BatchItemState.RUNNING]
    assert +states == +Counter(batch.counts.model_dump(exclude={"total"}))
    return items


async def _units_agree(batch, items):
    units = {unit.id: unit for unit in await BatchUnit.find({"batch_id": batch.id}).to_list()}
    for item in items:
        if batch.state is not BatchState.CANCELLED and item.unit_id in units:
            assert (item.state, item.image_id) == (
                units[item.unit_id].state,
                units[item.unit_id].image_id,
            )
    for unit in units.values():
        assert (unit.state is BatchItemState.RUNNING) == (unit.ticket is not None)
        if unit.ticket:
            assert await Work.get(unit.ticket)

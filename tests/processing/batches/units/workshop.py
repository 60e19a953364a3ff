"""A batch whose units have been handed out, and a worker for them: everything real but the codec and the names."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime

from anyio import CapacityLimiter
from beanie import PydanticObjectId

from models import transactions
from models.batch import Batch, BatchState, Counts
from models.batch_event import BatchEvent
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.image import StoredAt
from models.values import Compression, CompressionMode, MetadataPolicy
from models.work import Topic
from processing.batches import ids
from processing.batches.dealing import COMPRESS
from processing.batches.keeping import Keeping
from processing.batches.outcomes import Outcomes
from processing.batches.unit import CompressUnit
from processing.counts import WorkCounts
from processing.fetch import Fetcher, FetchLimits
from processing.probe import Limits
from processing.queue.base import WorkItem
from processing.queue.mongo import MongoQueue
from processing.quota import limited_to
from storage.adapters import Storages
from storage.memory import MemoryStorage
from tests.processing.batches.units.squeezing import Squeezer
from tests.processing.fetch.origin import HOST, Origin

MAX_BYTES = 300_000
LIMITS = Limits(max_pixels=10**6, max_frames=10)
QUALITY = Compression(mode=CompressionMode.QUALITY, value=50)


class Workshop:
    """An owner's batches, a worker, and the origin that the images come from."""

    def __init__(self, origin: Origin, quota_bytes: int | None = None) -> None:
        self.origin, self.owner_id = origin, PydanticObjectId()
        self.storage, self.codec = MemoryStorage(), Squeezer()
        self.counted = WorkCounts()
        self.queue = MongoQueue()
        self.fetch_limits = FetchLimits(MAX_BYTES, total_seconds=20, silence_seconds=5)
        self.quota = limited_to(quota_bytes)

    @property
    def worker(self) -> CompressUnit:
        """One more."""
        fetcher = Fetcher(self.fetch_limits, _names, [(HOST, self.origin.port)])
        storages, outcomes = Storages(self.storage), Outcomes(self.queue, counts=self.counted)
        keeping = Keeping(storages, self.quota, outcomes, self.queue)
        threads = CapacityLimiter(2)
        return CompressUnit(fetcher, self.codec, LIMITS, keeping, outcomes, threads, nullcontext)

    async def batch(
        self,
        *paths: str,
        compression: Compression = QUALITY,
        policy: MetadataPolicy = MetadataPolicy.STRIP_ALL,
        items_each: int = 1,
    ) -> list[WorkItem]:
        """A batch of these addresses, each of so many items, all handed out: its work."""
        total = len(paths) * items_each
        batch = Batch(
            id=PydanticObjectId(),
            owner_id=self.owner_id,
            state=BatchState.RUNNING,
            manifest_name="products.csv",
            manifest=StoredAt(kind="memory", key="manifest"),
            compression=compression,
            metadata_policy=policy,
            counts=Counts(total=total, pending=0, running=total),
            is_expanded=True,
            created_at=datetime.now(UTC),
            started_at=datetime.now(UTC),
        )
        work = [self._work(batch, path) for path in paths]
        units = [
            self._unit(batch, path, item, n) for n, (path, item) in enumerate(zip(paths, work, strict=True))
        ]
        items = [self._item(unit, n) for unit in units for n in range(items_each)]

        async def write(transaction):
            await Batch.add(batch, transaction)
            await BatchUnit.add(units, transaction)
            await BatchItem.add(items, transaction)

        await transactions.run(write)
        self.batch_id = batch.id
        return work

    async def hand_out_again(self, item: WorkItem) -> WorkItem:
        """What the dispatcher does with a unit that has been postponed."""
        again = WorkItem(COMPRESS, item.subject_id, item.owner_id, PydanticObjectId(), Topic.BATCHES)
        unit = await self.unit(item)
        await unit.set({"state": "RUNNING", "ticket": again.id, "tries": unit.tries + 1,
                        "attempt_count": unit.attempt_count + 1})  # fmt: skip
        await BatchItem.find({"unit_id": unit.id}).update({"$set": {"state": "RUNNING"}})
        batch = await Batch.get(unit.batch_id)
        await batch.set(
            {"counts.pending": batch.counts.pending - 1, "counts.running": batch.counts.running + 1}
        )
        return again

    async def unit(self, item: WorkItem) -> BatchUnit:
        """As it is now."""
        return await BatchUnit.get(item.subject_id)

    async def items(self) -> list[BatchItem]:
        """Of the last batch, in order."""
        return await BatchItem.find({"batch_id": self.batch_id}, sort="position").to_list()

    async def counts(self) -> dict[str, int]:
        """Of the last batch, those that are not 0; checked against its items."""
        batch = await Batch.get(self.batch_id)
        counts = batch.counts.model_dump()
        states = [item.state.lower() for item in await self.items()]
        assert {state: states.count(state) for state in set(states)} == {
            state: count for state, count in counts.items() if count and state != "total"
        }
        return {state: count for state, count in counts.items() if count}

    async def events(self) -> list[BatchEvent]:
        """Of the last batch."""
        return await BatchEvent.after(self.batch_id, 0, 1_000)

    async def objects(self) -> set[str]:
        """The keys of all that is stored."""
        return {stored.key async for stored in self.storage.list("")}

    async def content(self, key: str) -> bytes:
        """What is stored there."""
        return b"".join([piece async for piece in self.storage.get(key)])

    def _work(self, batch: Batch, path: str) -> WorkItem:
        unit_id = ids.unit(batch.id, self.origin.url(path), 0)
        return WorkItem(COMPRESS, unit_id, self.owner_id, PydanticObjectId(), Topic.BATCHES)

    def _unit(self, batch: Batch, path: str, item: WorkItem, position: int) -> BatchUnit:
        return BatchUnit(
            id=item.subject_id, owner_id=self.owner_id, batch_id=batch.id, position=position, ticket=item.id,
            url=self.origin.url(path), state=BatchItemState.RUNNING, tries=1, attempt_count=1,
        )  # fmt: skip

    def _item(self, unit: BatchUnit, index: int) -> BatchItem:
        return BatchItem(
            owner_id=self.owner_id, batch_id=unit.batch_id, product_id=PydanticObjectId(), unit_id=unit.id,
            position=unit.position * 100 + index, index=index, source_url=unit.url, state=BatchItemState.RUNNING,
        )  # fmt: skip


async def _names(_: str) -> list[str]:
    return ["127.0.0.1"]

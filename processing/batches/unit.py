"""What a unit of a batch means, step by step: fetch, look, compress, keep.

It may be done twice, by one worker after another or by two at once: only the ticket under which the unit runs ends it,
once. An image that is new has the ticket as its id, and each attempt keys of its own, so that what an attempt that was
killed has left is found among what belongs to the image.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress

import structlog
from anyio import CapacityLimiter, to_thread
from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

from errors import LeaseLostError, StorageError, StorageNotSetUpError, UserError
from failpoints import failpoint
from models.batch import Batch
from models.batch_unit import BatchUnit
from models.image import StoredAt
from processing import filenames
from processing.batches import trying
from processing.batches.keeping import Keeping, Task
from processing.batches.outcomes import Ending, Failed, Outcomes, Postponed
from processing.codec.base import Codec, CompressionError, Slot
from processing.fetch import Fetched, Fetcher, target
from processing.fetch.turns import Aside
from processing.inspection import Received
from processing.probe import Limits, Probe
from processing.queue.base import WorkItem
from storage import keys

MAX_ATTEMPTS = 5

log = structlog.get_logger()


class CompressUnit:
    """Compresses what lies at an address, for all items of a batch that have it.

    Args:
        fetcher: Takes no more bytes of a file than are taken in.
        codec: Makes images smaller.
        limits: What is taken in.
        keeping: Where it all goes.
        outcomes: Where units end.
        threads: Where checksums are computed.
        aside: What a unit makes of the time in which it waits for its turn at a host.
    """

    max_attempts = MAX_ATTEMPTS

    def __init__(
        self,
        fetcher: Fetcher,
        codec: Codec,
        limits: Limits,
        keeping: Keeping,
        outcomes: Outcomes,
        threads: CapacityLimiter,
        aside: Aside,
    ) -> None:
        self._fetcher = fetcher
        self._codec = codec
        self._limits = limits
        self._keeping = keeping
        self._outcomes = outcomes
        self._threads = threads
        self._aside = aside

    async def run(self, item: WorkItem) -> None:
        """Ends the unit, unless somebody else does."""
        failpoint("unit.started")
        unit = await BatchUnit.under_ticket(item.subject_id, item.id)
        batch = await Batch.of_owner(unit.owner_id, unit.batch_id) if unit else None
        if unit is None or batch is None:
            return
        bind_contextvars(batch=str(batch.id))
        with suppress(LeaseLostError):
            try:
                await self._compress(unit, batch, item.id)
            except StorageNotSetUpError:  # a worker with newer settings may come
                raise
            except (UserError, StorageError, CompressionError) as error:
                log.info("unit failed", unit=str(unit.id), batch=str(batch.id), reason=str(error))
                await self._fail(unit, item.id, trying.outcome(error, unit))

    async def give_up(self, item: WorkItem) -> None:
        """Every attempt died, or failed for a reason that was not the image's. The other units go on."""
        unit = await BatchUnit.under_ticket(item.subject_id, item.id)
        if unit:
            with suppress(LeaseLostError):
                await self._fail(unit, item.id, Failed(trying.GAVE_UP))

    async def _compress(self, unit: BatchUnit, batch: Batch, ticket: PydanticObjectId) -> None:
        async with self._received(unit, ticket) as (received, slot):
            failpoint("unit.fetched")
            await self._keeping.keep(Task(unit, batch, ticket, received, slot))

    @asynccontextmanager
    async def _received(
        self, unit: BatchUnit, ticket: PydanticObjectId
    ) -> AsyncIterator[tuple[Received, Slot]]:
        """The unit's file, in a slot. The host is let go of once all has come, the slot behind the block."""
        async with AsyncExitStack() as until_ended:
            async with self._fetcher.open(target.parsed(unit.url), self._aside) as file:
                slot = await until_ended.enter_async_context(self._codec.slot())
                probe = await self._read(file, slot)
            probed = probe.finish()
            checksum = await to_thread.run_sync(_sha256, slot.content, limiter=self._threads)
            key = keys.next_original(str(unit.owner_id), str(ticket))
            yield (
                Received(
                    filename=filenames.safe(file.filename),
                    media_type=probed.media_type,
                    size_bytes=len(slot.content),
                    width_px=probed.width_px,
                    height_px=probed.height_px,
                    frame_count=probed.frame_count,
                    checksum_sha256=checksum,
                    stored_at=StoredAt(kind=self._keeping.storages.current.kind, key=key),
                ),
                slot,
            )

    async def _read(self, file: Fetched, slot: Slot) -> Probe:
        """Fills the slot; ends as soon as the bytes turn out to be nothing that is taken in."""
        probe = Probe(self._limits)
        async with aclosing(file.pieces) as pieces:
            async for piece in pieces:
                probe.feed(piece)
                slot.write(piece)
        return probe

    async def _fail(self, unit: BatchUnit, ticket: PydanticObjectId, outcome: Failed | Postponed) -> None:
        await self._outcomes.end(Ending(unit, ticket, outcome))


def _sha256(content: memoryview) -> str:
    return hashlib.sha256(content).hexdigest()

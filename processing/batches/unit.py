"""What a unit of a batch means, step by step: fetch, look, compress, keep.

It may be done twice, by one worker after another or by two at once: only the ticket under which the unit runs ends it,
once. An image that is new has the ticket as its id, and each attempt keys of its own, so that what an attempt that was
killed has left is found among what belongs to the image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing, suppress

import structlog
from anyio import CapacityLimiter, to_thread
from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

from errors import (
    DuplicateImageError,
    ImageGoneError,
    LeaseLostError,
    StorageError,
    StorageNotSetUpError,
    UserError,
)
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
from processing.together import Together
from storage import keys

MAX_ATTEMPTS = 5
RACES = 3  # images of the same bytes come and go

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
        self._found = Together(_found)

    async def run(self, item: WorkItem) -> None:
        """Ends the unit, unless somebody else does."""
        failpoint("unit.started")
        with self._outcomes.announced(item.id), suppress(LeaseLostError):
            if found := self._outcomes.dealt(item.id) or await self._found.ask(item):
                bind_contextvars(batch=str(found[0].batch_id))
                await self._end(*found, item.id)

    async def give_up(self, item: WorkItem) -> None:
        """Every attempt died, or failed for a reason that was not the image's. The other units go on."""
        with suppress(LeaseLostError):
            if found := await self._found.ask(item):
                await self._fail(found[0], item.id, Failed(trying.GAVE_UP))

    async def _end(self, unit: BatchUnit, batch: Batch, ticket: PydanticObjectId) -> None:
        try:
            await self._compress(unit, batch, ticket)
        except StorageNotSetUpError:  # a worker with newer settings may come
            raise
        except (UserError, StorageError, CompressionError) as error:
            log.info("unit failed", unit=str(unit.id), batch=str(batch.id), reason=str(error))
            await self._fail(unit, ticket, trying.outcome(error, unit))

    async def _compress(self, unit: BatchUnit, batch: Batch, ticket: PydanticObjectId) -> None:
        for _ in range(RACES):
            async with AsyncExitStack() as until_stored:
                received, slot = await self._received(unit, ticket, until_stored)
                failpoint("unit.fetched")
                task = Task(unit, batch, ticket, received, slot, until_stored.aclose)
                with suppress(DuplicateImageError, ImageGoneError):
                    return await self._keeping.keep(task)
        raise StorageError("the same bytes come and go too quickly")

    async def _received(
        self, unit: BatchUnit, ticket: PydanticObjectId, until_stored: AsyncExitStack
    ) -> tuple[Received, Slot]:
        """The unit's file, in a slot, which is let go of by the stack. The host is once all has come."""
        async with self._fetcher.open(target.parsed(unit.url), self._aside) as file:
            slot = await until_stored.enter_async_context(self._codec.slot())
            probe = await self._read(file, slot)
        probed = probe.finish()
        checksum = await to_thread.run_sync(_sha256, slot.content, limiter=self._threads)
        key = keys.next_original(str(unit.owner_id), str(ticket))
        received = Received(
            filename=filenames.safe(file.filename),
            media_type=probed.media_type,
            size_bytes=len(slot.content),
            width_px=probed.width_px,
            height_px=probed.height_px,
            frame_count=probed.frame_count,
            checksum_sha256=checksum,
            stored_at=StoredAt(kind=self._keeping.storages.current.kind, key=key),
        )
        return received, slot

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


async def _found(asked: Sequence[WorkItem]) -> list[tuple[BatchUnit, Batch] | None]:
    """The units that run under these tickets, each with its batch."""
    units = await BatchUnit.under_tickets((item.subject_id, item.id) for item in asked)
    batches = await Batch.all_by_id({unit.batch_id for unit in units.values()})
    both = {
        ticket: (unit, batches[unit.batch_id]) for ticket, unit in units.items() if unit.batch_id in batches
    }
    return [both.get(item.id) for item in asked]

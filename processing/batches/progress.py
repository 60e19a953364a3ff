"""Lets others watch a batch: the log in MongoDB, read in parts, woken by the same feed as that of images."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from beanie import PydanticObjectId

from errors import EventsExpiredError
from models.batch import Batch, now
from models.batch_event import BatchEvent
from processing.batches import pace
from processing.progress import LONGEST_WAIT_SECONDS, ProgressFeed

EVENTS_PER_PART = 500


def state_of(batch: Batch) -> BatchEvent:
    """What would be written now under the sequence of the batch's last change, if the batch as a whole had changed."""
    at = now()
    return BatchEvent(
        owner_id=batch.owner_id,
        batch_id=PydanticObjectId(batch.id),
        sequence=batch.sequence,
        state=batch.state,
        counts=batch.counts,
        eta_seconds=pace.eta_seconds(batch, at),
        is_last=batch.is_finished,
        at=at,
    )


async def follow_batch(
    batch: Batch, after: int | None, progress: ProgressFeed
) -> AsyncGenerator[Sequence[BatchEvent], None]:
    """Without `after`, the present state, then each further change; with it, the changes behind it only.

    As many at a time as are due; no holes, no repeats. Ends after the change that ends the work, unless it has been
    opened again by then.

    Raises:
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    batch_id = PydanticObjectId(batch.id)
    with progress.listening(batch_id) as news:
        if after is None:
            state = state_of(batch)
            yield [state]
            if state.is_last:
                return
            after = state.sequence
        async for part in _log(batch_id, after, news):
            yield part


async def events(batch: Batch, after: int | None, most: int) -> list[BatchEvent]:
    """The first `most` changes behind `after`, or the oldest that are kept.

    Raises:
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    found = await BatchEvent.after(PydanticObjectId(batch.id), after or 0, most)
    if after is not None and batch.sequence > after and (not found or found[0].sequence != after + 1):
        raise EventsExpiredError
    return found


async def _log(
    batch_id: PydanticObjectId, after: int, news: asyncio.Event
) -> AsyncGenerator[Sequence[BatchEvent], None]:
    """Everything behind `after`, until the work has ended and nothing is left to say."""
    while True:
        news.clear()
        batch = await Batch.get(batch_id)  # before the log: what the document has counted, the log must hold
        if batch is None:
            return
        part = await BatchEvent.after(batch_id, after, EVENTS_PER_PART)
        if part:
            if [event.sequence for event in part] != list(range(after + 1, after + 1 + len(part))):
                raise EventsExpiredError
            after = part[-1].sequence
            yield part
            if part[-1].is_last or batch.sequence > after or batch.is_finished:
                continue  # only a look behind the last one shows whether the work is over
        elif batch.sequence > after:
            if await Batch.get(batch_id) is None:  # deleted with its log since we looked
                return
            raise EventsExpiredError
        elif batch.is_finished:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await news.wait()

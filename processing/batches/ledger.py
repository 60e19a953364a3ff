"""One batch in one transaction: what happens to its items, counted and numbered, and the end if that was the last.

Nothing is written before `close`. The batch was read in the same transaction, so whoever has changed it since makes
MongoDB begin that transaction anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from beanie import PydanticObjectId

from models.batch import Batch, BatchState, Counts, now
from models.batch_event import BatchEvent
from models.batch_item import BatchItemState
from models.transactions import Transaction
from processing.batches import pace
from processing.queue.base import WorkItem, WorkQueue

CONCLUDE = "conclude"
COUNTERS = {state: str(state).lower() for state in BatchItemState}


@dataclass
class Ledger:
    """What a transaction does to `batch`, which is changed at once and written by `close`."""

    batch: Batch
    events: list[BatchEvent] = field(default_factory=list)

    def move(self, before: BatchItemState, after: BatchItemState, count: int = 1) -> None:
        """Counts items from one state into another."""
        counts = self.batch.counts.model_dump()
        counts[COUNTERS[before]] -= count
        counts[COUNTERS[after]] += count
        self.batch.counts = Counts(**counts)

    def end_item(self, item_id: PydanticObjectId, state: BatchItemState) -> None:
        """A running item has ended so."""
        self.move(BatchItemState.RUNNING, state)
        self._record(item_id)

    def enter(self, state: BatchState) -> None:
        """The batch as a whole is in another state. Once it is RUNNING it has started."""
        batch, at = self.batch, now()
        batch.state = state
        if state is BatchState.RUNNING:
            batch.started_at = batch.started_at or at
            batch.pace = pace.begun(batch.pace, at)
        else:
            batch.pace = pace.rested(batch.pace, at)
        self._record(None)

    async def close(self, queue: WorkQueue, transaction: Transaction) -> None:
        """Writes batch and events, and if the batch has just finished, what is then left to be done."""
        await _close([self], queue, transaction)

    def finish_if_over(self) -> bool:
        """Whether the batch has just finished."""
        counts = self.batch.counts
        is_over = not (counts.pending or counts.running or self.batch.is_finished)
        if is_over:
            self._finish()
        return is_over

    def _finish(self) -> None:
        self.batch.finished_at = now()
        self.batch.pace = pace.rested(self.batch.pace, self.batch.finished_at)
        if self.batch.state is not BatchState.CANCELLED:
            self.batch.state = _end(self.batch.counts)
            self._record(None)
        elif not self.events or self.events[-1].item_id:
            self._record(None)
        self.events[-1].is_last = True

    def _record(self, item_id: PydanticObjectId | None) -> None:
        batch, at = self.batch, now()
        batch.sequence += 1
        self.events.append(
            BatchEvent(
                owner_id=batch.owner_id,
                batch_id=PydanticObjectId(batch.id),
                sequence=batch.sequence,
                state=batch.state,
                counts=batch.counts,
                eta_seconds=pace.eta_seconds(batch, at),
                item_id=item_id,
                at=at,
            )
        )


class Books:
    """The ledgers of a transaction that changes several batches, one for each."""

    def __init__(self, batches: Iterable[Batch] = ()) -> None:
        self._ledgers: dict[PydanticObjectId, Ledger] = {}
        for batch in batches:
            self.ledger(batch)

    def ledger(self, batch: Batch) -> Ledger:
        """The batch's, with what the transaction has done to it so far."""
        return self._ledgers.setdefault(PydanticObjectId(batch.id), Ledger(batch))

    async def close(self, queue: WorkQueue, transaction: Transaction) -> None:
        """Closes all of them."""
        if self._ledgers:
            await _close(list(self._ledgers.values()), queue, transaction)


async def _close(ledgers: Sequence[Ledger], queue: WorkQueue, transaction: Transaction) -> None:
    if conclusions := [conclusion(ledger.batch) for ledger in ledgers if ledger.finish_if_over()]:
        await queue.publish(conclusions, transaction)
    if events := [event for ledger in ledgers for event in ledger.events]:
        await BatchEvent.record(events, transaction)
    await Batch.write([ledger.batch for ledger in ledgers], WRITTEN, transaction)


WRITTEN = {
    "state",
    "counts",
    "bytes_in",
    "bytes_out",
    "sequence",
    "round",
    "turn",
    "pace",
    "expanded_rows",
    "expanded_items",
    "is_expanded",
    "started_at",
    "finished_at",
}
"""What a batch changes of itself; the rest is as it was created."""


def conclusion(batch: Batch) -> WorkItem:
    """The work that is left when a batch has finished, and when it is opened again."""
    return WorkItem(CONCLUDE, PydanticObjectId(batch.id), batch.owner_id, PydanticObjectId())


def _end(counts: Counts) -> BatchState:
    if counts.succeeded == counts.total:
        return BatchState.COMPLETED
    return BatchState.COMPLETED_WITH_ERRORS if counts.succeeded else BatchState.FAILED

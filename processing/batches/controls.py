"""What an owner does with a batch as a whole: each is one transaction, one event without an item, and exact at once.

What has no batch of the owner's answers None.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from beanie import PydanticObjectId
from structlog.contextvars import bind_contextvars

from errors import WrongStateError
from failpoints import failpoint
from models import transactions
from models.batch import Batch, BatchState, Pace
from models.batch_item import BatchItemState
from models.transactions import Transaction
from processing.batches.ledger import Ledger, conclusion
from processing.queue.base import WorkItem, WorkQueue

DISPATCH = "dispatch"
UNFINISHED = frozenset({BatchState.QUEUED, BatchState.RUNNING, BatchState.PAUSED})
Change = Callable[[Ledger, Transaction], Awaitable[None]]


@dataclass(frozen=True)
class Retried:
    """A batch, and how many of its items are tried again."""

    batch: Batch
    count: int


async def pause(owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue) -> Batch | None:
    """Nothing more is taken up; what is in hand ends as it ends.

    Raises:
        WrongStateError: It is finished, or cancelled.
    """

    async def change(ledger: Ledger, _: Transaction) -> None:
        ledger.enter(BatchState.PAUSED)

    step = _Step("paused", UNFINISHED, {BatchState.PAUSED}, change)
    return await _take(step, owner_id, batch_id, queue)


async def resume(owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue) -> Batch | None:
    """Work goes on.

    Raises:
        WrongStateError: It is finished, or cancelled.
    """

    async def change(ledger: Ledger, transaction: Transaction) -> None:
        ledger.enter(BatchState.RUNNING if ledger.batch.expanded_rows else BatchState.QUEUED)
        await queue.publish([_dispatch(ledger.batch)], transaction)

    step = _Step("resumed", UNFINISHED, {BatchState.QUEUED, BatchState.RUNNING}, change)
    return await _take(step, owner_id, batch_id, queue)


async def cancel(owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue) -> Batch | None:
    """Nothing more is taken up, and what waits is CANCELLED; what is in hand ends as it ends, and then the batch.

    Raises:
        WrongStateError: It is finished otherwise.
    """

    async def change(ledger: Ledger, _: Transaction) -> None:
        ledger.move(BatchItemState.PENDING, BatchItemState.CANCELLED, ledger.batch.counts.pending)
        ledger.enter(BatchState.CANCELLED)

    step = _Step("cancelled", UNFINISHED, {BatchState.CANCELLED}, change)
    return await _take(step, owner_id, batch_id, queue)


async def retry(owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue) -> Retried | None:
    """Another round for the items that have failed; the end will be announced again.

    Raises:
        WrongStateError: It is not finished, or nothing of it has failed.
    """
    counts: list[int] = []

    async def change(ledger: Ledger, transaction: Transaction) -> None:
        batch = ledger.batch
        counts.append(batch.counts.failed)
        ledger.move(BatchItemState.FAILED, BatchItemState.PENDING, batch.counts.failed)
        batch.round += 1
        batch.finished_at = None
        batch.pace = Pace(ended_before=batch.counts.ended)
        ledger.enter(BatchState.RUNNING)
        await queue.publish([_dispatch(batch), conclusion(batch)], transaction)

    step = _Step("tried again", {BatchState.COMPLETED_WITH_ERRORS, BatchState.FAILED}, set(), change)
    batch = await _take(step, owner_id, batch_id, queue)
    return Retried(batch, counts[-1]) if batch else None


async def cancel_unless_finished(
    owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue
) -> None:
    """Cancels a batch, unless it is finished by now or gone."""
    with contextlib.suppress(WrongStateError):
        await cancel(owner_id, batch_id, queue)


@dataclass(frozen=True)
class _Step:
    """A `change` of batches in the states `allowed`, which `done` names; one that is `already` so stays as it is."""

    done: str
    allowed: Collection[BatchState]
    already: Collection[BatchState]
    change: Change


async def _take(
    step: _Step, owner_id: PydanticObjectId, batch_id: PydanticObjectId, queue: WorkQueue
) -> Batch | None:
    bind_contextvars(batch=str(batch_id))

    async def write(transaction: Transaction) -> Batch | None:
        batch = await Batch.of_owner(owner_id, batch_id, transaction)
        if batch is None or batch.state in step.already:
            return batch
        if batch.state not in step.allowed:
            raise WrongStateError(f"A batch that is {batch.state} cannot be {step.done}.", batch.state)
        ledger = Ledger(batch)
        await step.change(ledger, transaction)
        await ledger.close(queue, transaction)
        failpoint("batch.controlling")
        return batch

    batch = await transactions.run(write)
    failpoint("batch.controlled")
    return batch


def _dispatch(batch: Batch) -> WorkItem:
    """The work of handing out what may be done now."""
    return WorkItem(DISPATCH, PydanticObjectId(batch.id), batch.owner_id, PydanticObjectId())

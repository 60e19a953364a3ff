"""Hands out the units of one owner's batches, in turns: exact, whoever else does so at the same time."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from beanie import PydanticObjectId

from failpoints import failpoint
from models import transactions
from models.batch import Batch
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.transactions import Transaction
from models.turn import Turn
from models.work import Topic
from processing.batches.ledger import Ledger
from processing.queue.base import WorkItem, WorkQueue

COMPRESS = "compress"
BATCHES_AT_A_TIME = 20
UNITS_AT_A_TIME = 32


class _NoTurnsYetError(Exception):
    """The owner was never given work."""


async def deal(owner_id: PydanticObjectId, window: int, queue: WorkQueue, *, at_least: int = 1) -> bool:
    """Hands out units until `window` of the owner's are RUNNING, or none waits.

    Nothing is done before there is room for `at_least` so many: they cost hardly more than one.

    Returns:
        Whether there may be more to hand out: no transaction does too much.
    """

    async def write(transaction: Transaction) -> bool:
        free = window - await BatchUnit.running_of_owner(owner_id, transaction)
        if free < at_least:
            return False
        room = min(free, UNITS_AT_A_TIME)
        batches = await Batch.in_turn(owner_id, BATCHES_AT_A_TIME, transaction)
        dealt = _in_turns([await BatchUnit.waiting(batch, room, transaction) for batch in batches], room)
        looks_on = len(batches) == BATCHES_AT_A_TIME and len(dealt) < room
        if dealt or looks_on:
            number = await Turn.take(owner_id, room, transaction)
            if number is None:
                raise _NoTurnsYetError
            for batch in batches if looks_on else ():
                batch.turn = number + room
            await _hand_out(batches, dealt, number, queue, transaction)
            failpoint("batch.dealing")
        return looks_on or len(dealt) == UNITS_AT_A_TIME

    try:
        has_more = await transactions.run(write)
    except _NoTurnsYetError:
        await Turn.begin(owner_id)
        has_more = await transactions.run(write)
    failpoint("batch.dealt")
    return has_more


def _in_turns(waiting: Iterable[Sequence[BatchUnit]], room: int) -> list[tuple[int, BatchUnit]]:
    """One of each batch, then another of each, `room` of them: each with the index of its batch."""
    rounds = itertools.zip_longest(*waiting)
    dealt = ((index, unit) for each in rounds for index, unit in enumerate(each) if unit)
    return list(itertools.islice(dealt, room))


async def _hand_out(
    batches: Sequence[Batch],
    dealt: Sequence[tuple[int, BatchUnit]],
    number: int,
    queue: WorkQueue,
    transaction: Transaction,
) -> None:
    """Turns are counted on from `number`. A batch that goes away empty-handed is written, too, if it had a turn."""
    shares: dict[int, list[BatchUnit]] = defaultdict(list)
    for turn, (index, unit) in enumerate(dealt, number + 1):
        shares[index].append(unit)
        batches[index].turn = turn
    for index, batch in enumerate(batches):
        ledger = Ledger(batch)
        if units := shares[index]:
            work = [_work(unit) for unit in units]
            tickets = {item.subject_id: item.id for item in work}
            count = await BatchItem.hand_out(tickets, batch.round, transaction)
            ledger.move(BatchItemState.PENDING, BatchItemState.RUNNING, count)
            await BatchUnit.hand_out(tickets, units, batch.round, transaction)
            await queue.publish(work, transaction)
        if batch.turn > number:
            await ledger.close(queue, transaction)


def _work(unit: BatchUnit) -> WorkItem:
    """The work of a unit; its id is the ticket under which the unit runs."""
    return WorkItem(COMPRESS, PydanticObjectId(unit.id), unit.owner_id, PydanticObjectId(), Topic.BATCHES)

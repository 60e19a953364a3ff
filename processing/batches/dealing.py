"""Hands out the units of one owner's batches, in turns: exact, whoever else does so at the same time."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from beanie import PydanticObjectId

from failpoints import failpoint
from models import transactions
from models.batch import Batch
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.transactions import Transaction
from models.turn import Turn
from models.work import Topic
from processing.batches.ledger import Books, Ledger
from processing.queue.base import WorkItem, WorkQueue

COMPRESS = "compress"
BATCHES_AT_A_TIME = 20
UNITS_AT_A_TIME = 32


@dataclass(frozen=True)
class Dealt:
    """What was handed out, unless the transaction fails: each unit with its batch, by ticket; and whether there may be
    more to hand out.
    """

    units: Mapping[PydanticObjectId, tuple[BatchUnit, Batch]] = field(default_factory=dict)
    has_more: bool = False


class NoTurnsYetError(Exception):
    """The owner was never given work. Nothing has changed."""


@dataclass
class Window:
    """How many units of an owner are RUNNING at a time: `size`, as far as this process knows, and 0 before it does."""

    size: int = 0

    @property
    def at_least(self) -> int:
        """How many units are worth handing out: they cost hardly more than one."""
        return max(1, self.size // 4)


async def deal(owner_id: PydanticObjectId, window: int, queue: WorkQueue, *, at_least: int = 1) -> bool:
    """Hands out units until `window` of the owner's are RUNNING, or none waits.

    Nothing is done before there is room for `at_least` so many.

    Returns:
        Whether there may be more to hand out: no transaction does too much.
    """

    async def write(transaction: Transaction) -> bool:
        books = Books()
        dealt = await hand_out(owner_id, window, books, queue, transaction, at_least=at_least)
        await books.close(queue, transaction)
        return dealt.has_more

    try:
        has_more = await transactions.run(write)
    except NoTurnsYetError:
        await Turn.begin(owner_id)
        has_more = await transactions.run(write)
    failpoint("batch.dealt")
    return has_more


async def hand_out(
    owner_id: PydanticObjectId,
    window: int,
    books: Books,
    queue: WorkQueue,
    transaction: Transaction,
    *,
    at_least: int,
) -> Dealt:
    """As `deal`, as part of a transaction, which closes the books.

    Raises:
        NoTurnsYetError: Turns of this owner are not counted yet. Nothing has changed.
    """
    free = window - await BatchUnit.running_of_owner(owner_id, transaction)
    if free < at_least:
        return Dealt()
    room = min(free, UNITS_AT_A_TIME)
    batches = await Batch.in_turn(owner_id, BATCHES_AT_A_TIME, transaction)
    dealt = _in_turns([await BatchUnit.waiting(batch, room, transaction) for batch in batches], room)
    looks_on = len(batches) == BATCHES_AT_A_TIME and len(dealt) < room
    if not (dealt or looks_on):
        return Dealt()
    number = await Turn.take(owner_id, room, transaction)
    if number is None:
        raise NoTurnsYetError
    for batch in batches if looks_on else ():
        books.ledger(batch).batch.turn = number + room
    shares = defaultdict(list)
    for turn, (index, unit) in enumerate(dealt, number + 1):
        books.ledger(batches[index]).batch.turn = turn
        shares[index].append(unit)
    ledgers = [(books.ledger(batches[index]), units) for index, units in shares.items()]
    given = await _write(ledgers, queue, transaction)
    failpoint("batch.dealing")
    return Dealt(given, looks_on or len(dealt) == UNITS_AT_A_TIME)


def _in_turns(waiting: Iterable[Sequence[BatchUnit]], room: int) -> list[tuple[int, BatchUnit]]:
    """One of each batch, then another of each, `room` of them: each with the index of its batch."""
    rounds = itertools.zip_longest(*waiting)
    dealt = ((index, unit) for each in rounds for index, unit in enumerate(each) if unit)
    return list(itertools.islice(dealt, room))


async def _write(
    shares: Sequence[tuple[Ledger, Sequence[BatchUnit]]], queue: WorkQueue, transaction: Transaction
) -> dict[PydanticObjectId, tuple[BatchUnit, Batch]]:
    given: dict[PydanticObjectId, tuple[BatchUnit, Batch]] = {}
    for ledger, units in shares:
        batch = ledger.batch
        running = [unit.handed_out(PydanticObjectId(), batch.round) for unit in units]
        count = await BatchItem.hand_out(
            [PydanticObjectId(unit.id) for unit in units], batch.round, transaction
        )
        ledger.move(BatchItemState.PENDING, BatchItemState.RUNNING, count)
        await BatchUnit.hand_out(running, transaction)
        given |= {unit.ticket: (unit, batch) for unit in running if unit.ticket}
    if given:
        await queue.publish([_work(ticket, unit) for ticket, (unit, _) in given.items()], transaction)
    return given


def _work(ticket: PydanticObjectId, unit: BatchUnit) -> WorkItem:
    """The work of a unit; its id is the ticket under which the unit runs."""
    return WorkItem(COMPRESS, PydanticObjectId(unit.id), unit.owner_id, ticket, Topic.BATCHES)

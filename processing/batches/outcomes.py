"""Where the items of a batch end: documents, counters and events as one, many units in one transaction.

A unit counts once: only the ticket under which it runs may end it. Whoever is late is told so, and takes back what it
has stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from beanie import PydanticObjectId

from errors import LeaseLostError
from failpoints import failpoint
from group_commit import GroupCommit
from models import batch_images, shelves, transactions
from models.batch import Batch, BatchState, now
from models.batch_item import BatchItem, BatchItemState
from models.batch_unit import BatchUnit
from models.image import Image, Variant
from models.tally import Tally, summed
from models.transactions import Transaction
from models.values import Failure
from models.work import Topic
from processing.batches import dealing
from processing.batches.dealing import Dealt, NoTurnsYetError, Window
from processing.batches.ledger import Books, Ledger
from processing.counts import WorkCounts
from processing.queue.base import WorkItem, WorkQueue
from processing.register import Entry, line

ADORN = "adorn"
COMPANY_SECONDS = 0.15
"""How long a unit waits for others in hand to end: a commit costs as much as half an image, whoever shares it."""

MOST_REMEMBERED = 256
"""So many units that were handed out here may be taken up here without being read anew."""


@dataclass(frozen=True)
class Joined:
    """An image that the owner had before, which the batch uses too; `variant` is new to it, unless None."""

    image: Image
    variant: Variant | None


@dataclass(frozen=True)
class Succeeded:
    """Both forms are stored. `source` is a new image, or one that the owner had."""

    source: Entry | Joined
    bytes_in: int
    bytes_out: int
    kept_original: bool


@dataclass(frozen=True)
class Failed:
    """There will be no image in this round."""

    failure: Failure


@dataclass(frozen=True)
class Postponed:
    """Another try may help, from `ready_at` on. `failure` is the reason."""

    failure: Failure
    ready_at: datetime


@dataclass(frozen=True)
class Ending:
    """How the unit has ended that ran under `ticket`."""

    unit: BatchUnit
    ticket: PydanticObjectId
    outcome: Succeeded | Failed | Postponed

    @property
    def unit_id(self) -> PydanticObjectId:
        """Of its unit."""
        return PydanticObjectId(self.unit.id)


class Outcomes:
    """Where units end, and make room for others, which are handed out by the same transaction.

    Args:
        queue: Takes the work that follows.
        window: How many units of an owner there is room for.
        on_more: Is told of each owner who may have more to be handed out.
        counts: Where ends are counted.
    """

    def __init__(
        self,
        queue: WorkQueue,
        window: Window | None = None,
        on_more: Callable[[PydanticObjectId], None] = lambda _: None,
        counts: WorkCounts | None = None,
    ) -> None:
        self._queue = queue
        self._window = window or Window()
        self._on_more = on_more
        self._counts = counts or WorkCounts()
        self._dealt: dict[PydanticObjectId, tuple[BatchUnit, Batch]] = {}
        self._group = GroupCommit(self._commit, company_seconds=COMPANY_SECONDS, most_expected=1)

    @contextmanager
    def announced(self, ticket: PydanticObjectId) -> Iterator[None]:
        """Others that end wait a moment for the unit that runs under the ticket, for the length of the block."""
        self._group.announce(ticket)
        try:
            yield
        finally:
            self._group.withdraw(ticket)

    def dealt(self, ticket: PydanticObjectId) -> tuple[BatchUnit, Batch] | None:
        """The unit that was handed out here under this ticket, as it was then, with its batch; asked for once.

        Whoever ends it finds out whether it still is so.
        """
        return self._dealt.pop(ticket, None)

    async def end(self, ending: Ending) -> None:
        """When it returns, all items of the unit have ended so, and whoever watches is told.

        Raises:
            LeaseLostError: Somebody else has ended or will end the unit, or it is gone with its batch. Nothing has
                changed.
            DuplicateImageError: The owner has an image of these bytes by now. Nothing has changed.
            ImageGoneError: The image that was to be joined is gone, or another by now. Nothing has changed.
            OutcomeUnknownError: It may have ended; after any other exception it has not.
        """
        await self._group.add(ending, ending.ticket)
        self._counts.batch_images[_counted_as(ending.outcome)] += 1

    async def _commit(self, endings: Sequence[Ending]) -> None:
        dealt = await transactions.run(partial(self._write, endings))
        failpoint("batch.ended")
        for owner_id, of_owner in dealt.items():
            if of_owner.units:
                failpoint("batch.dealt")
            self._remember(of_owner)
            if of_owner.has_more:
                self._on_more(owner_id)

    def _remember(self, dealt: Dealt) -> None:
        self._dealt |= dealt.units
        for ticket in list(self._dealt)[:-MOST_REMEMBERED]:
            del self._dealt[ticket]

    async def _write(
        self, endings: Sequence[Ending], transaction: Transaction
    ) -> dict[PydanticObjectId, Dealt]:
        """Gives what was handed out, by owner."""
        tickets = {ending.unit_id: ending.ticket for ending in endings}
        wanted = {ending.unit.batch_id for ending in endings}
        batches = await Batch.all_by_id(wanted, transaction)
        if len(batches) < len(wanted) or len(tickets) < len(endings):
            raise LeaseLostError
        ended = await BatchUnit.end(tickets, _by_unit(endings, batches, _unit_fields), transaction)
        if ended < len(endings):
            raise LeaseLostError
        await self._write_images(endings, transaction)
        items = await BatchItem.of_units(tickets, transaction)
        await BatchItem.change_units(_by_unit(endings, batches, _item_fields), transaction)
        books = Books(batches.values())
        waiting, over = _parted(endings, batches)
        for ending in waiting:  # first, for they may be handed out anew at once
            ledger = books.ledger(batches[ending.unit.batch_id])
            ledger.move(BatchItemState.RUNNING, BatchItemState.PENDING, len(items[ending.unit_id]))
        owners = {ending.unit.owner_id for ending in endings}
        dealt = {owner_id: await self._hand_out(owner_id, books, transaction) for owner_id in owners}
        for ending in over:  # last, for an event is as old as its moment says
            _count(books.ledger(batches[ending.unit.batch_id]), ending, items[ending.unit_id])
        await books.close(self._queue, transaction)
        failpoint("batch.ending")
        return dealt

    async def _hand_out(self, owner_id: PydanticObjectId, books: Books, transaction: Transaction) -> Dealt:
        if not self._window.size:
            return Dealt()
        try:
            return await dealing.hand_out(
                owner_id,
                self._window.size,
                books,
                self._queue,
                transaction,
                at_least=self._window.at_least,
            )
        except NoTurnsYetError:
            return Dealt(has_more=True)

    async def _write_images(self, endings: Sequence[Ending], transaction: Transaction) -> None:
        succeeded = [
            (ending.unit.batch_id, ending.outcome.source)
            for ending in endings
            if isinstance(ending.outcome, Succeeded)
        ]
        if entries := [source for _, source in succeeded if isinstance(source, Entry)]:
            images = [entry.image for entry in entries]
            for image in images:
                if not image.answers_duplicates:
                    image.answers_duplicates = not await shelves.hold_answering(image, transaction)
            await Image.add(images, transaction)
            await Tally.add(summed(line(entry, image_count=0) for entry in entries), transaction)
            await self._queue.publish([adornment(entry.image) for entry in entries], transaction)
        for batch_id, source in succeeded:
            if isinstance(source, Joined):
                await batch_images.join(source.image, batch_id, source.variant, transaction)


def _parted(
    endings: Sequence[Ending], batches: Mapping[PydanticObjectId, Batch]
) -> tuple[list[Ending], list[Ending]]:
    """Those whose items wait again, and those whose items have ended."""
    waiting: list[Ending] = []
    over: list[Ending] = []
    for ending in endings:
        state = _state(ending, batches[ending.unit.batch_id])
        (waiting if state is BatchItemState.PENDING else over).append(ending)
    return waiting, over


def _count(ledger: Ledger, ending: Ending, item_ids: Sequence[PydanticObjectId]) -> None:
    batch = ledger.batch
    for item_id in item_ids:
        ledger.end_item(item_id, _state(ending, batch))
    if isinstance(ending.outcome, Succeeded):
        batch.bytes_in += ending.outcome.bytes_in * len(item_ids)
        batch.bytes_out += ending.outcome.bytes_out * len(item_ids)


def adornment(image: Image) -> WorkItem:
    """The work that a batch's image waits for, when nothing else is to be done."""
    return WorkItem(ADORN, PydanticObjectId(image.id), image.owner_id, PydanticObjectId(), Topic.LATER)


def _counted_as(outcome: Succeeded | Failed | Postponed) -> tuple[str, str]:
    reason = "" if isinstance(outcome, Succeeded) else outcome.failure.code
    return type(outcome).__name__.lower(), reason


def _state(ending: Ending, batch: Batch) -> BatchItemState:
    match ending.outcome:
        case Succeeded():
            return BatchItemState.SUCCEEDED
        case Failed():
            return BatchItemState.FAILED
    return BatchItemState.CANCELLED if batch.state is BatchState.CANCELLED else BatchItemState.PENDING


def _by_unit(
    endings: Sequence[Ending],
    batches: Mapping[PydanticObjectId, Batch],
    fields: Callable[[Ending, BatchItemState], dict[str, Any]],
) -> dict[PydanticObjectId, dict[str, Any]]:
    return {
        ending.unit_id: fields(ending, _state(ending, batches[ending.unit.batch_id])) for ending in endings
    }


def _unit_fields(ending: Ending, state: BatchItemState) -> dict[str, Any]:
    outcome = ending.outcome
    ready_at = outcome.ready_at if isinstance(outcome, Postponed) else None
    return {"state": state, "ticket": None, "ready_at": ready_at, **_result(ending)}


def _item_fields(ending: Ending, state: BatchItemState) -> dict[str, Any]:
    ended_at = None if state is BatchItemState.PENDING else now()
    tried = {"attempt_count": ending.unit.attempt_count, "round": ending.unit.round, "ended_at": ended_at}
    return {"state": state, **tried, **_result(ending)}


def _result(ending: Ending) -> dict[str, Any]:
    match ending.outcome:
        case Succeeded(source, bytes_in, bytes_out, kept_original):
            return {
                "image_id": source.image.id,
                "failure": None,
                "bytes_in": bytes_in,
                "bytes_out": bytes_out,
                "kept_original": kept_original,
            }
        case Failed(failure) | Postponed(failure):
            return {"failure": failure.model_dump()}

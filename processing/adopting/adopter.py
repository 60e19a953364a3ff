"""Goes through a source; what was taken over or refused is known the next time, whenever this time ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from beanie import PydanticObjectId
from pymongo.errors import PyMongoError

from errors import DarkroomError, FetchFailedError, UserError
from models.adoption import Adoption
from models.transactions import Transaction
from processing.adopting.base import Item, ItemUnreadableError, Source
from processing.ingest import Incoming, Ingested, Intake, Labels

CHUNK = 64
FAILURES = (DarkroomError, PyMongoError, OSError)  # of what is asked; the next time they may be over
NO_OWNER = "nobody here is its owner"


@dataclass
class Adopted:
    """What became of the items: how many ended how, and why some were not taken over.

    Attributes:
        outcomes: By `adopted`, `duplicate`, `known`, `refused`, `failed` and `unowned`; of a dry run, `wanted` are those
            that would be tried.
        problems: What is wrong, by the ids of the items.
        unknown_owners: Whom the source names and nobody here is, and how many items each has.
        wanted: The items that a dry run would try.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    unknown_owners: Counter[str] = field(default_factory=Counter)
    wanted: list[Item] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether everything was taken over, now or earlier."""
        return not self.problems


class Adopter:
    """Takes a source over.

    Args:
        intake: The entrance.
        owner_of: The user of whom a source speaks; None if there is none.
        labels: What is said of an item's image.
        parallel: How many items are read at once.
        passed: Called for each item that is done with.
    """

    def __init__(
        self,
        intake: Intake,
        owner_of: Callable[[str | None], Awaitable[PydanticObjectId | None]],
        labels: Callable[[Item], Labels],
        *,
        parallel: int,
        passed: Callable[[], None],
    ) -> None:
        self._intake = intake
        self._owner_of = owner_of
        self._labels = labels
        self._slots = asyncio.Semaphore(parallel)
        self._passed = passed

    async def run(self, source: Source, *, dry_run: bool = False, retry_refused: bool = False) -> Adopted:
        """Takes over what is not known yet. What failed for a reason that may pass is tried again the next time.

        Args:
            source: Where from.
            dry_run: Whether to look and change nothing.
            retry_refused: Whether what was refused earlier is tried again.
        """
        adopted = Adopted()
        async for chunk in _chunks(source):
            ended = await Adoption.ended(source.name, [item.id for item in chunk])
            for item in chunk:
                if item.id in ended:
                    self._note_ended(item, ended[item.id], adopted, retry_refused=retry_refused)
            new = [item for item in chunk if _is_open(ended.get(item.id), retry_refused=retry_refused)]
            await asyncio.gather(*(self._try(source, item, adopted, dry_run=dry_run) for item in new))
        return adopted

    def _note_ended(self, item: Item, adoption: Adoption, adopted: Adopted, *, retry_refused: bool) -> None:
        if _is_open(adoption, retry_refused=retry_refused):
            return
        if adoption.refusal is None:
            adopted.outcomes["known"] += 1
        else:
            _note(adopted, "refused", item, adoption.refusal)
        self._passed()

    async def _try(self, source: Source, item: Item, adopted: Adopted, *, dry_run: bool) -> None:
        async with self._slots:
            try:
                await self._adopt(source, item, adopted, dry_run=dry_run)
            except FAILURES as failure:
                _note(adopted, "failed", item, _reason(failure))
        self._passed()

    async def _adopt(self, source: Source, item: Item, adopted: Adopted, *, dry_run: bool) -> None:
        owner_id = await self._owner_of(item.owner)
        if owner_id is None:
            adopted.unknown_owners[item.owner or "-"] += 1
            _note(adopted, "unowned", item, NO_OWNER)
        elif dry_run:
            adopted.outcomes["wanted"] += 1
            adopted.wanted.append(item)
        else:
            adoption = Adoption(source=source.name, item_id=item.id, owner_id=owner_id)
            adopted.outcomes[await self._outcome(item, adoption)] += 1
            if adoption.refusal:
                adopted.problems[item.id] = adoption.refusal

    async def _outcome(self, item: Item, adoption: Adoption) -> str:
        try:
            ingested = await self._take_in(item, adoption)
        except FetchFailedError:  # the next time it may be there
            raise
        except (UserError, ItemUnreadableError) as refusal:
            adoption.refusal = str(refusal)
            await Adoption.record(adoption)
            return "refused"
        return "duplicate" if ingested.duplicate else "adopted"

    async def _take_in(self, item: Item, adoption: Adoption) -> Ingested:
        async with item.open() as opened:
            incoming = Incoming(adoption.owner_id, opened.filename, opened.pieces, self._labels(item))
            return await self._intake.take_in(incoming, _Remembered(adoption))


class _Remembered:
    """Remembers that an item was taken over, in the transaction that does it: so there is never one without the other."""

    def __init__(self, adoption: Adoption) -> None:
        self._adoption = adoption

    async def keep(
        self, checksum_sha256: str | None, answer: dict[str, Any], transaction: Transaction
    ) -> None:
        """Remembers it if and when the transaction is committed."""
        image = {"image_id": answer["image"]["id"], "checksum_sha256": checksum_sha256}
        await Adoption.record(self._adoption.model_copy(update=image), transaction)


def _is_open(adoption: Adoption | None, *, retry_refused: bool) -> bool:
    return adoption is None or (retry_refused and adoption.refusal is not None)


def _reason(failure: BaseException) -> str:
    """Why, for an operator: unlike a client, they may know why something could not be fetched."""
    cause = failure.__cause__ if isinstance(failure, FetchFailedError) and failure.__cause__ else failure
    return str(cause) if isinstance(cause, DarkroomError) else f"{type(cause).__name__}: {cause}"


def _note(adopted: Adopted, outcome: str, item: Item, problem: str) -> None:
    adopted.outcomes[outcome] += 1
    adopted.problems[item.id] = problem


async def _chunks(source: Source) -> AsyncIterator[Sequence[Item]]:
    chunk: list[Item] = []
    async for item in source.items():
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

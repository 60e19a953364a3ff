"""All images moved from one storage to another, while the service goes on.

The documents say what is still to be moved: whatever ends a migration, the next one goes on from there. An image is
moved once nothing more is made of it, in one step behind the copying; its old bytes are left for a while to those who
were given their addresses. A migration that is killed leaves stray copies, never a document without bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

import structlog
from beanie import PydanticObjectId

from errors import ObjectNotFoundError, OutcomeUnknownError, StorageError
from models import holdings, transactions
from models.holdings import Amount, Holding
from models.image import StoredAt
from models.transactions import Transaction
from processing import leftovers
from processing.copying import Copier, Copy, DamagedError
from processing.queue.base import WorkQueue
from storage import keys

OLD_BYTES_SECONDS = 60 * 60
"""How long the old bytes stay: what points at the old provider itself may be in use for so long."""

IMAGES_PER_PART = 200
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.5
MOST_FAILURES_IN_A_ROW = 20
"""So many say that a provider is down, not that something is wrong with an image."""

MOST_PROBLEMS = 10_000
LOOK_AGAIN_SECONDS = 2.0
CLOCKS_DIFFER = timedelta(seconds=5)
FIRST_ID = PydanticObjectId("0" * 24)

log = structlog.get_logger()


class Fate(Enum):
    """What became of an image in this migration."""

    MOVED = "moved"
    CHANGED = "changed"  # deleted, replaced or moved by somebody else meanwhile
    DAMAGED = "damaged"
    FAILED = "failed"


@dataclass
class Migrated:
    """What came of a migration.

    Attributes:
        problems: Why an image was not moved, by its id.
        left: What lies in the old storage at the end.
        gave_up: Whether it ended early, since too much went wrong.
    """

    moved: int = 0
    moved_bytes: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    left: Amount = field(default_factory=Amount)
    gave_up: bool = False


class Migration:
    """Moves what lies in the source's kind of storage.

    Args:
        copier: From where to where.
        queue: Where the deletion of old bytes is asked for.
        parallel: How many images are copied at a time.
        wait_seconds: How long to wait for images that are still being developed.
        passed: Told of each image that was tried.
    """

    def __init__(
        self,
        copier: Copier,
        queue: WorkQueue,
        *,
        parallel: int = 4,
        wait_seconds: float = 60,
        passed: Callable[[], None] = lambda: None,
    ) -> None:
        self._copier = copier
        self._queue = queue
        self._parallel = parallel
        self._wait_seconds = wait_seconds
        self._passed = passed
        self._failures_in_a_row = 0
        self.migrated = Migrated()

    async def run(self) -> Migrated:
        """Goes through all images, and again for those that were not finished, until none is left to be moved."""
        kind, loop = self._copier.source.kind, asyncio.get_running_loop()
        await self._move_all()
        end = loop.time() + self._wait_seconds
        while not self.migrated.gave_up and loop.time() < end and await self._are_untried(kind):
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self._move_all()
        self.migrated.left = await holdings.amount_in(kind)
        return self.migrated

    async def _are_untried(self, kind: str) -> bool:
        """Whether there are others than those that could not be moved."""
        return await holdings.are_more_than(len(self.migrated.problems), kind)

    async def _move_all(self) -> None:
        """Moves what is finished, in the order of ids, part by part; what comes in meanwhile is left to the next time."""
        last, before = FIRST_ID, _id_at(datetime.now(UTC) + CLOCKS_DIFFER)
        while part := await holdings.finished_in(self._copier.source.kind, (last, before), IMAGES_PER_PART):
            await self._move_part(
                [image for image in part if str(image.image_id) not in self.migrated.problems]
            )
            if self.migrated.gave_up:
                return
            last = part[-1].image_id

    async def _move_part(self, part: Sequence[Holding]) -> None:
        waiting = iter(part)

        async def take_turns() -> None:
            for holding in waiting:
                if self.migrated.gave_up:
                    return
                self._note(holding, *await self._try(holding))
                self._passed()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._parallel):
                    group.create_task(take_turns())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    def _note(self, holding: Holding, fate: Fate, reason: str = "") -> None:
        self._failures_in_a_row = self._failures_in_a_row + 1 if fate == Fate.FAILED else 0
        self.migrated.gave_up = (
            self._failures_in_a_row >= MOST_FAILURES_IN_A_ROW or len(self.migrated.problems) >= MOST_PROBLEMS
        )
        if fate == Fate.MOVED:
            self.migrated.moved += 1
            self.migrated.moved_bytes += holding.size_bytes
        elif fate != Fate.CHANGED:
            self.migrated.problems[str(holding.image_id)] = reason

    async def _try(self, holding: Holding) -> tuple[Fate, str]:
        """Moves the image, in several attempts where a provider stumbles."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return (Fate.MOVED if await self._move(holding) else Fate.CHANGED), ""
            except (DamagedError, ObjectNotFoundError) as error:
                if await holdings.look(holding.image_id) != holding:
                    return Fate.CHANGED, ""
                return Fate.DAMAGED, str(error)
            except OutcomeUnknownError:
                return Fate.FAILED, "MongoDB did not say whether it was moved"
            except StorageError as error:
                if attempt == ATTEMPTS or not error.retryable:
                    return Fate.FAILED, str(error)
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError

    async def _move(self, holding: Holding) -> bool:
        """Copies, then swaps; False if the image has changed meanwhile."""
        copy = await self._copier.copy(holding)
        try:
            moved = await self._swap(holding, copy)
        except OutcomeUnknownError:  # the document may refer to the copy: stray bytes are better than none
            raise
        except Exception:
            await self._copier.discard(copy)
            raise
        if not moved:
            await self._copier.discard(copy)
        return moved

    async def _swap(self, holding: Holding, copy: Copy) -> bool:
        """The document, and what is to become of the old bytes, as one."""
        derived = keys.derived_prefixes(holding.stored_at.key)  # they go with the original
        alone = [key for key in holding.keys if not key.startswith(derived)]
        old = [StoredAt(kind=self._copier.source.kind, key=key) for key in alone]

        async def write(transaction: Transaction) -> bool:
            if not await holdings.move(holding, copy.stored_at, copy.variants, transaction):
                return False
            await leftovers.remember(
                holding.owner_id, old, self._queue, transaction, delay_seconds=OLD_BYTES_SECONDS
            )
            return True

        return await transactions.run(write)


def _id_at(time: datetime) -> PydanticObjectId:
    """Behind the ids of all that was made before that time."""
    return PydanticObjectId(PydanticObjectId.from_datetime(time))

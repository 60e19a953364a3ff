"""The WorkQueue protocol: what every queue promises to those who publish and those who work.

Work is delivered at least once. `tests/processing/queue/test_contract.py` holds each adapter to every sentence below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from beanie import PydanticObjectId

from models.transactions import Transaction
from models.work import Topic


@dataclass(frozen=True)
class WorkItem:
    """One thing to do about `subject_id`. Ids only: whoever works reads the documents. `trace` is what `tracing` tells."""

    kind: str
    subject_id: PydanticObjectId
    owner_id: PydanticObjectId
    id: PydanticObjectId
    topic: Topic = Topic.UPLOADS
    trace: str | None = None


@dataclass(frozen=True)
class LeasedItem:
    """A work item in one worker's hands, until its lease ends.

    `attempt` counts from 1, attempts that died included.
    """

    item: WorkItem
    attempt: int
    lease: str


class WorkQueue(Protocol):
    """Work for any number of workers. Every method may raise `QueueError`."""

    kind: str
    """The setting's value that chooses this adapter."""

    async def publish(
        self, items: Sequence[WorkItem], transaction: Transaction | None = None, *, delay_seconds: float = 0
    ) -> None:
        """Makes the items known to workers, who take them up after `delay_seconds`; a repeat of an unfinished one
        changes nothing.

        With a transaction they are known if and when it is committed.
        """
        ...

    async def consume(self, topic: Topic, most: int) -> Sequence[LeasedItem]:
        """Waits for items of the topic and leases those that there are, at least one and no more than `most`, to the
        caller alone; of those that have reached this process, the ones that have waited longest first.

        When the lease of one ends without an answer below, it is delivered again, to anyone. Whoever cancels the
        waiting has leased nothing.
        """
        ...

    async def extend(self, held: Sequence[LeasedItem]) -> int:
        """A heartbeat: the leases start anew, but for those that were lost: somebody else may have their items.

        Returns:
            How many were not.
        """
        ...

    async def acknowledge(self, leased: LeasedItem) -> bool:
        """The item is done and never comes again. False, and no effect, if the lease was lost."""
        ...

    async def retry(self, leased: LeasedItem, delay_seconds: float) -> bool:
        """The item comes again, not before `delay_seconds`. False, and no effect, if the lease was lost."""
        ...

    async def hand_back(self, leased: LeasedItem) -> bool:
        """The item comes again at once, as if it had never been leased. False, and no effect, if the lease was lost."""
        ...

    async def bury(self, leased: LeasedItem, reason: str) -> bool:
        """The item becomes a dead letter and never comes again. False, and no effect, if the lease was lost."""
        ...

    async def check(self) -> None:
        """Does nothing, if what wakes the workers answers; else it raises `QueueError`, and published work waits."""
        ...

    async def close(self) -> None:
        """Stops waiting for work; items in hand keep their leases."""
        ...

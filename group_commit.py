"""One commit for all who wait: what comes in while a commit is under way shares the next one.

Under load a transaction, which costs the same for one as for many, is shared. A commit waits a moment for those who say
that they are about to come, and, as there is company again where there was some once, for as many as came the last
time, unless fewer are under way. Who is alone is never kept waiting. Each item is made durable on its own if its group
fails, so that one refusal never touches its neighbours.

Source: PostgreSQL's `commit_delay` and `commit_siblings`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from errors import OutcomeUnknownError

Item = TypeVar("Item")
LARGEST_GROUP = 64
COMPANY_SECONDS = 0.005


def _unknown() -> int:
    """As many as there may ever be."""
    return LARGEST_GROUP


@dataclass(frozen=True)
class _Waiting(Generic[Item]):
    item: Item
    done: asyncio.Future[None]


class GroupCommit(Generic[Item]):
    """Makes items durable, several at a time.

    Args:
        commit: Makes all of the items that it is given durable. One that it failed with is given to it again.
        largest_group: How many items it is given at once.
        company_seconds: How long to wait for company.
        most_expected: As many as came the last time are waited for, but no more than this without being announced.
        under_way: How many could still come, where that is known.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[None]],
        *,
        largest_group: int = LARGEST_GROUP,
        company_seconds: float = COMPANY_SECONDS,
        most_expected: int = LARGEST_GROUP,
        under_way: Callable[[], int] = _unknown,
    ) -> None:
        self._commit = commit
        self._largest_group = largest_group
        self._company_seconds = company_seconds
        self._most_expected = min(most_expected, largest_group)
        self._under_way = under_way
        self._waiting: list[_Waiting[Item]] = []
        self._expected = 1
        self._announced: set[Hashable] = set()
        self._enough = asyncio.Event()
        self._committing: asyncio.Task[None] | None = None

    def announce(self, name: Hashable) -> None:
        """Says that an item of this name is about to be added. Whoever says so adds it or withdraws."""
        self._announced.add(name)

    def withdraw(self, name: Hashable) -> None:
        """No item of this name is waited for any more."""
        self._announced.discard(name)
        self._look()

    async def add(self, item: Item, name: Hashable = None) -> None:
        """Returns once the item, announced under the name perhaps, is durable; raises what its commit raised.

        Whoever is cancelled while waiting does not take the item back: it may become durable.
        """
        waiting = _Waiting(item, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self.withdraw(name)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        await waiting.done

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                group, self._waiting = (
                    self._waiting[: self._largest_group],
                    self._waiting[self._largest_group :],
                )
                await self._commit_group(group)
        finally:
            self._committing = None

    def _look(self) -> None:
        """Ends the waiting for company once it is there."""
        likely = min(self._expected, len(self._waiting) + self._under_way())
        if len(self._waiting) >= (self._largest_group if self._announced else likely):
            self._enough.set()
        else:
            self._enough.clear()

    async def _gather(self) -> None:
        """Waits a moment for company."""
        self._look()
        if not self._enough.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._company_seconds):
                    await self._enough.wait()
        self._expected = min(len(self._waiting), self._most_expected)

    async def _commit_group(self, group: list[_Waiting[Item]]) -> None:
        try:
            await self._commit([waiting.item for waiting in group])
        except Exception as error:  # noqa: BLE001 - those who wait are told, whatever it was
            cannot_be_tried_again = isinstance(error, OutcomeUnknownError)  # it may be durable
            if len(group) == 1 or cannot_be_tried_again:
                for waiting in group:
                    _tell(waiting.done, error)
                return
            for waiting in group:
                await self._commit_group([waiting])
        else:
            for waiting in group:
                _tell(waiting.done, None)


def _tell(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():  # whoever waited was cancelled
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)

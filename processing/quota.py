"""Nobody keeps more than their quota, and whatever fits is taken, however many images come in at once.

Room is taken all at once, when the size of a file is known. Files that took some while they stream would take it from
each other, and all be refused where a few would have fitted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, Self

from beanie import PydanticObjectId

from errors import OutcomeUnknownError, QuotaExceededError, RoomTooSmallError
from models.allowance import Allowance
from models.tally import Tally
from processing import cleanup
from processing.counting import Counter


class Reservation(Protocol):
    """Room for one image of an owner."""

    async def expect(self, size_bytes: int) -> None:
        """Says early what cannot fit, such as the bytes that have come in so far; takes no room.

        Raises:
            QuotaExceededError: Other images have taken, for good or about to, more than would leave room for these.
        """
        ...

    async def reserve(self, size_bytes: int) -> None:
        """Takes the room, once.

        Raises:
            QuotaExceededError: There is not so much.
        """
        ...

    def used_by(self, line: Tally) -> Tally:
        """The line of the owner's tally that uses up the room, as it is to be written.

        Raises:
            RoomTooSmallError: It is by more than was reserved.
        """
        ...

    async def settle(self) -> None:
        """Says that the transaction of the line was committed. Fails for nothing that happens to MongoDB."""
        ...


class Quota(Protocol):
    """What owners may keep."""

    def reservation(
        self, owner_id: PydanticObjectId, *, freed_bytes: int = 0
    ) -> AbstractAsyncContextManager[Reservation]:
        """A reservation for the length of the block; behind it, what was not settled is given back.

        `freed_bytes` go in the same transaction that the image comes in: that much of it needs no room.
        """
        ...


def limited_to(limit_bytes: int | None) -> Quota:
    """At most `limit_bytes` for every owner; without a limit, MongoDB is not asked."""
    return Unlimited() if limit_bytes is None else Limited(limit_bytes)


class Unlimited:
    """Everything fits."""

    def reservation(self, owner_id: PydanticObjectId, *, freed_bytes: int = 0) -> Needless:  # noqa: ARG002 - whoever it is
        """A reservation that takes nothing."""
        return Needless()


class Limited:
    """At most `limit_bytes` for every owner."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._counter = Counter()

    def reservation(self, owner_id: PydanticObjectId, *, freed_bytes: int = 0) -> Room:
        """A reservation in the owner's allowance."""
        return Room(owner_id, self._limit_bytes, self._counter, freed_bytes)


class Needless:
    """A reservation of which only the tally's line remains."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing was taken."""

    async def expect(self, size_bytes: int) -> None:
        """It fits."""

    async def reserve(self, size_bytes: int) -> None:
        """It fits."""

    def used_by(self, line: Tally) -> Tally:
        """As it is."""
        return line

    async def settle(self) -> None:
        """Nothing was taken."""


class Room:
    """A reservation in the owner's allowance."""

    def __init__(
        self, owner_id: PydanticObjectId, limit_bytes: int, counter: Counter, freed_bytes: int
    ) -> None:
        self._owner_id = owner_id
        self._limit_bytes = limit_bytes
        self._counter = counter
        self._id = secrets.token_hex(8)
        self._freed_bytes = freed_bytes
        self._free_bytes = 0
        self._taken_bytes = 0
        self._taking: asyncio.Task[None] | None = None
        self._line: Tally | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Gives back what was taken and not settled.

        Not when nobody knows whether the line is or will be committed: whoever leaves does not take it back. The
        reservation then stays until it expires.
        """
        if self._taking is None:
            return
        left = error is not None and not isinstance(error, Exception)
        unknown = self._taking.done() and (left or isinstance(error, OutcomeUnknownError))
        if not unknown:
            await cleanup.to_the_end(self._give_back(self._taking), "a reservation of quota")

    async def expect(self, size_bytes: int) -> None:
        """As promised; MongoDB is asked once for as long as the answer is good."""
        grown_bytes = size_bytes - self._freed_bytes
        if grown_bytes > self._free_bytes:
            await self._require(lambda: self._has_free(grown_bytes))

    async def reserve(self, size_bytes: int) -> None:
        """As promised; what takes up no more than it frees fits also beyond the limit."""
        self._taken_bytes = max(0, size_bytes - self._freed_bytes)
        if self._taken_bytes:
            self._taking = asyncio.create_task(self._require(self._take))
            await asyncio.shield(self._taking)  # who is cancelled must know what there is to give back

    def used_by(self, line: Tally) -> Tally:
        """As promised."""
        if line.stored_bytes > self._taken_bytes:
            raise RoomTooSmallError
        if self._taken_bytes:
            self._line = line.model_copy(update={"reservation_id": self._id})
        return self._line or line

    async def settle(self) -> None:
        """As promised; a reservation that could not be settled expires, and is counted then."""
        if self._taking is None:
            return
        self._taking = None
        grown_bytes = (
            max(0, self._line.stored_bytes) if self._line else 0
        )  # what shrank, the next count shows
        settling = Allowance.settle(self._owner_id, self._id, grown_bytes)
        await cleanup.to_the_end(settling, "a reservation of quota")

    async def _require(self, fits: Callable[[], Awaitable[bool]]) -> None:
        """Refuses what does not fit although everything was just counted anew."""
        counted = False
        while not await fits():
            if counted:
                raise QuotaExceededError(self._limit_bytes)
            counted = await self._counter.count(self._owner_id)

    async def _has_free(self, size_bytes: int) -> bool:
        allowance = await Allowance.of_owner(self._owner_id)
        self._free_bytes = self._limit_bytes - allowance.used_bytes if allowance else 0
        return size_bytes <= self._free_bytes

    async def _take(self) -> bool:
        return await Allowance.reserve(self._owner_id, self._id, self._taken_bytes, self._limit_bytes)

    async def _give_back(self, taking: asyncio.Task[None]) -> None:
        await asyncio.wait({taking})
        await Allowance.give_back(self._owner_id, self._id)

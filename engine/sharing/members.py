"""Those who hear one stream, and how they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from engine.answers import Answer
from engine.sharing.news import News, Said

if TYPE_CHECKING:
    from engine.sharing.stream import Stream

EVENTS_AT_ONCE, BYTES_AT_ONCE = 16, 64 * 1024
"""How much is said before those who hear it are told."""

MEMBERS_AT_ONCE = 200
SHORT_SECONDS, LONGEST_REST_SECONDS = 0.002, 0.05
"""Who are told in less need no rest after it; and nobody waits longer than this for the end of one."""


class Subscriber(Protocol):
    """Who is told."""

    @property
    def behind(self) -> asyncio.Task[None] | None:
        """Ends when the subscriber has caught up with what it was told; None while it keeps up."""
        ...

    def tell(self, told: News) -> None:
        """Takes the next answers, and never waits."""
        ...


class Member:
    """One who hears a stream: at first its own, later perhaps another that is the same from there on."""

    def __init__(self, subscriber: Subscriber, stream: Stream) -> None:
        self.subscriber = subscriber
        self.stream = stream
        self.ended: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._floor: Any = None

    def join(self, stream: Stream, floor: Any) -> None:
        """Hears another stream from now on, and of that only what lies behind `floor`."""
        self.stream = stream
        self._floor = floor

    def tell(self, told: News) -> None:
        """Passes on what the subscriber does not know yet."""
        if self._floor is not None:
            told = told.behind(self._floor)
            if not told:
                return
            self._floor = None
        self.subscriber.tell(told)

    def end(self, last: Answer | None) -> None:
        """It is over: the source has completed, or the answer says what ended it."""
        if not self.ended.done():
            self.ended.set_result(last)

    def fail(self, fault: Exception) -> None:
        """It is over for this member alone."""
        if not self.ended.done():
            self.ended.set_exception(fault)


class Members:
    """All who hear one stream. They are told what was said since they were last told, in turns of the event loop.

    A crowd is left alone for as long as it took to tell it: what is said meanwhile is told together, which costs hardly
    more than one of it would, and the other half of the time is for everybody else.

    Args:
        on_told: Is given the number of answers and of members, each time.
    """

    def __init__(self, on_told: Callable[[int, int], None]) -> None:
        self._all: dict[Member, None] = {}
        self._on_told = on_told
        self._unsaid: list[Said] = []
        self._unsaid_bytes = 0
        self._silence = asyncio.Event()
        self._silence.set()
        self._rests_until_seconds = 0.0
        self._arrival: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._all)

    def add(self, member: Member) -> None:
        """Tells it what is said from now on, and whatever it has no floor for of what was not told yet."""
        self._all[member] = None
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def remove(self, member: Member) -> None:
        """Tells it nothing more."""
        self._all.pop(member, None)

    def remove_all(self) -> list[Member]:
        """As `remove`, for all of them, who have been told everything."""
        if self._unsaid:
            self._tell()
        members = list(self._all)
        self._all.clear()
        return members

    def say(self, said: Said) -> None:
        """Has them told. Whatever is said before the event loop comes round is told together."""
        self._unsaid.append(said)
        self._unsaid_bytes += len(said.payload)
        if self._silence.is_set():
            self._silence.clear()
            self._tell_in_time()

    async def room(self) -> None:
        """Waits while too much is unsaid, or while nobody at all keeps up: the fastest sets the pace."""
        if len(self._unsaid) >= EVENTS_AT_ONCE or self._unsaid_bytes >= BYTES_AT_ONCE:
            await self.silence()
        while self._all and all(member.subscriber.behind for member in self._all):
            self._arrival = asyncio.get_running_loop().create_future()
            behind = (member.subscriber.behind for member in self._all)
            await asyncio.wait([self._arrival, *filter(None, behind)], return_when=asyncio.FIRST_COMPLETED)

    async def silence(self) -> None:
        """Waits until everything was told."""
        await self._silence.wait()

    def _tell_in_time(self) -> None:
        loop = asyncio.get_running_loop()
        if (left_seconds := self._rests_until_seconds - perf_counter()) > 0:
            loop.call_later(left_seconds, self._tell)
        else:
            loop.call_soon(self._tell)

    def _tell(self) -> None:
        told, self._unsaid, self._unsaid_bytes = News(self._unsaid), [], 0
        members = list(self._all) if told else []
        self._on_told(len(told), len(members))
        self._tell_from(0, members, told, perf_counter())

    def _tell_from(self, first: int, members: list[Member], told: News, began_seconds: float) -> None:
        """Tells a part of them, so that others may have the event loop in between."""
        end = first + MEMBERS_AT_ONCE
        for member in islice(members, first, end):
            if member in self._all:
                try:
                    member.tell(told)
                except Exception as fault:  # noqa: BLE001 - of one member, and logged with its operation
                    member.fail(fault)
        loop = asyncio.get_running_loop()
        if end < len(members):
            loop.call_soon(self._tell_from, end, members, told, began_seconds)
        elif members:
            loop.call_soon(
                self._rest, began_seconds
            )  # by then the event loop has written what they were told
        else:
            self._rest(began_seconds)

    def _rest(self, began_seconds: float) -> None:
        took_seconds = perf_counter() - began_seconds
        if took_seconds > SHORT_SECONDS:
            self._rests_until_seconds = perf_counter() + min(took_seconds, LONGEST_REST_SECONDS)
        if self._unsaid:
            self._tell_in_time()
        else:
            self._silence.set()

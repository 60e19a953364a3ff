"""One source of events, run for all who hear it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any, Protocol

import tasks
from engine import answers
from engine.answers import Answer
from engine.executor import Subscription
from engine.sharing import news
from engine.sharing.members import Member, Members, Subscriber
from engine.sharing.news import News, Positioned, Said
from engine.sharing.recent import Recent


class Streams(Protocol):
    """What a stream is told of the others, and tells of itself.

    Attributes:
        members: How many hear one of them.
    """

    members: int

    def begin(self, stream: Stream) -> asyncio.Task[None]:
        """Runs it."""
        ...

    def leader(self, stream: Stream) -> Stream:
        """The one that streams of this key may join: this one, unless there is another."""
        ...

    def end(self, stream: Stream) -> None:
        """Nobody may join it any more."""
        ...

    def count(self, events: int, members: int) -> None:
        """So many members were told of so many events."""
        ...


class Stream:
    """A subscription that runs for as long as somebody hears it. Each event is executed once, and encoded once.

    It begins with one member. Where its source says that it is at a place (`Positioned`), it looks for a stream of the
    same key that leads on from there. If there is one, the member goes over to it, and this stream is at its end; if
    there is none, it is the one that others join from now on.

    Args:
        key: What subscriptions have in common that may share a source.
        subscription: The source.
        request_id: Under which its faults are logged.
        streams: All streams.
    """

    def __init__(self, key: object, subscription: Subscription, request_id: str, streams: Streams) -> None:
        self.key = key
        self._subscription = subscription
        self._request_id = request_id
        self._streams = streams
        self._members = Members(streams.count)
        self._recent = Recent()
        self._running: asyncio.Task[None] | None = None

    async def hear(self, subscriber: Subscriber) -> Answer | None:
        """Runs the stream for its first member.

        Returns:
            None once the source has completed, else the answer that says what ended it.
        """
        member = Member(subscriber, self)
        self._members.add(member)
        self._streams.members += 1
        self._running = self._streams.begin(self)
        try:
            return await member.ended
        finally:
            self._streams.members -= 1
            await member.stream.leave(member)

    async def leave(self, member: Member) -> None:
        """Tells the member nothing more. The last one closes the source."""
        self._members.remove(member)
        if not self._members and self._running is not None and not self._running.done():
            self._streams.end(self)
            await tasks.end(self._running)

    async def run(self) -> None:
        """Tells of each event until the source ends, or until all have gone over to another stream."""
        last: Answer | None = None
        try:
            async with aclosing(self._subscription.events) as events:
                async for event in events:
                    if isinstance(event, Positioned) and event.is_place:
                        if self._goes_over(event.position):
                            return
                    elif (last := await self._tell(event)) is not None:
                        break
        except Exception as fault:  # noqa: BLE001 - whatever ends the source, its subscribers get an answer
            last = answers.failed(fault, self._request_id)
        self._streams.end(self)
        await self._members.silence()
        for member in self._members.remove_all():
            member.end(last)

    async def _tell(self, event: object) -> Answer | None:
        """Says what comes of the event, unless it ends the stream: then this is the last answer."""
        await self._members.room()
        answer = await self._subscription.answer(event)
        if _source_failed(answer):
            return answer
        position = event.position if isinstance(event, Positioned) else None
        said = Said(news.encoded(answer), position, asyncio.get_running_loop().time())
        if position is not None:
            self._recent.add(said)
        self._members.say(said)
        return None

    def _goes_over(self, place: Any) -> bool:
        """Whether another stream leads on from here; all members are its own then."""
        self._recent.reach(place)
        leader = self._streams.leader(self)
        if leader is self or not leader.leads_on_from(place):
            return False
        for member in self._members.remove_all():
            leader.admit(member, place)
        return True

    def leads_on_from(self, place: Any) -> bool:
        """Whether everything behind the place is still to come, or at hand."""
        return self._recent.leads_on_from(place)

    def admit(self, member: Member, place: Any) -> None:
        """Takes over a member that was told everything up to `place`, and tells it what it has missed."""
        missed = self._recent.behind(place)
        member.join(self, max(place, self._recent.place))
        self._members.add(member)
        if missed:
            member.subscriber.tell(News(missed))


def _source_failed(answer: Answer) -> bool:
    """Whether a stream ends with this answer: unlike the error of a field, that of its source has no path."""
    return answer.data is None and not any("path" in error for error in answer.errors)

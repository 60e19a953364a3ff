"""Answers as a stream of server-sent events, for as long as client, token and service last.

Source: GraphQL over SSE, distinct connections mode: events `next`, then one `complete`.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import tasks
from engine import answers
from engine.answers import EXECUTED, Answer
from engine.exchange import Exchange
from engine.host import LAST_WORDS_SECONDS, Host, Principal
from engine.sharing import Fanout, news
from engine.sharing.news import News
from engine.sharing.outlet import Outlet, OutletBounds, TooSlowError, UnheardError, Voice
from engine.sharing.stream import Stream
from errors import ClientGoneError, UnauthenticatedError

HEARTBEAT_SECONDS = 15.0
HEADERS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))
HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class Line:
    """One response: what is said in it goes out in order.

    Attributes:
        lost: Why nothing goes out any more, once that is so.
    """

    is_silent = False

    def __init__(self, exchange: Exchange, fanout: Fanout) -> None:
        self._exchange = exchange
        self._fanout = fanout
        self._outlet: Outlet[bytes] = Outlet(self._put, OutletBounds(), self._on_lost)
        self.lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    @property
    def behind(self) -> asyncio.Task[None] | None:
        """Ends when the client has caught up; None while it keeps up."""
        return self._outlet.behind

    def tell(self, told: News) -> None:
        """Sends answers of a subscription, without waiting."""
        self._outlet.push(self, told.server_sent)

    async def say(self, content: bytes) -> None:
        """Sends it and waits until it is handed over.

        Raises:
            ClientGoneError: It never will be.
        """
        try:
            await self._outlet.send(self, content)
        except UnheardError:
            raise ClientGoneError from None

    async def close(self) -> None:
        """Nothing more goes out."""
        await self._outlet.close()

    async def _put(self, _: Voice, content: bytes) -> None:
        await self._exchange.write(content, more=True)

    def _on_lost(self, fault: Exception) -> None:
        self._fanout.dropped += isinstance(fault, TooSlowError)
        self.lost.set_result(fault)


class Streams:
    """The event streams of one application, whose `host` says when a sender's token is revoked."""

    def __init__(self, host: Host, fanout: Fanout) -> None:
        self._host = host
        self._fanout = fanout
        self._watchers: set[asyncio.Task[None]] = set()

    def close_all(self) -> None:
        """Ends all of them, without `complete`: their clients will come again."""
        for watcher in self._watchers:
            watcher.cancel()

    async def send(self, exchange: Exchange, outcome: Answer | Stream, principal: Principal | None) -> None:
        """Sends the answer, or answers until they end, the client leaves or its token is over.

        Raises:
            ClientGoneError: The client does not read.
        """
        await exchange.start(EXECUTED, *HEADERS)
        line = Line(exchange, self._fanout)
        watcher = asyncio.create_task(_until_gone(exchange))
        sender = asyncio.create_task(_say_all(line, outcome))
        self._watchers.add(watcher)
        try:
            with ExitStack() as watching:
                revoked = asyncio.Event()
                if principal is not None:
                    watching.callback(self._host.watch(principal, revoked.set))
                last_words = await _keep_alive(line, {watcher, sender, line.lost}, principal, revoked)
        finally:
            self._watchers.discard(watcher)
            await tasks.both(tasks.end(watcher), tasks.end(sender, tasks.AFTER_OTHERS_SECONDS))
            await line.close()
        if line.lost.done():
            raise ClientGoneError from line.lost.result()
        if not sender.cancelled():
            sender.result()  # raises what it raised
        await _end(exchange, last_words)


async def _say_all(line: Line, outcome: Answer | Stream) -> None:
    last = outcome if isinstance(outcome, Answer) else await outcome.hear(line)
    if last is not None:
        await line.say(_next(last))
    await line.say(COMPLETE)


async def _until_gone(exchange: Exchange) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _keep_alive(
    line: Line, ends: set[asyncio.Future[Any]], principal: Principal | None, revoked: asyncio.Event
) -> bytes:
    """Sends a comment now and then until one of `ends` has come or the token is over; gives the last words."""
    revocation = asyncio.create_task(_after_the_last_words(revoked))
    try:
        while (left_seconds := _left_seconds(principal)) > 0:
            done, _ = await asyncio.wait(
                {*ends, revocation}, timeout=left_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                return b"" if done & ends else REVOKED
            await line.say(HEARTBEAT)
    finally:
        revocation.cancel()
    return OVER


def _left_seconds(principal: Principal | None) -> float:
    """Until the token is over, or until the next heartbeat if that is sooner."""
    if principal is None:
        return HEARTBEAT_SECONDS
    return min(HEARTBEAT_SECONDS, (principal.expires_at - datetime.now(UTC)).total_seconds())


async def _after_the_last_words(revoked: asyncio.Event) -> None:
    await revoked.wait()
    await asyncio.sleep(LAST_WORDS_SECONDS)


async def _end(exchange: Exchange, last_words: bytes) -> None:
    """Gives up on a client that does not read."""
    try:
        async with asyncio.timeout(OutletBounds.send_timeout_seconds):
            await exchange.write(last_words, more=False)
    except TimeoutError:
        raise ClientGoneError from None


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + news.encoded(answer) + b"\n\n"


def _refusal(message: str) -> bytes:
    return _next(answers.refused(UnauthenticatedError(message))) + COMPLETE


OVER = _refusal("The access token is over. Subscribe again with a fresh one.")
REVOKED = _refusal("The access token was revoked. Log in again.")

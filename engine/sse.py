"""Answers as a stream of server-sent events, for as long as client, token and service last.

Source: GraphQL over SSE, distinct connections mode: events `next`, then one `complete`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from datetime import UTC, datetime

import orjson

from engine import answers
from engine.answers import EXECUTED, Answer
from engine.exchange import Exchange
from engine.host import LAST_WORDS_SECONDS, Host, Principal
from errors import ClientGoneError, UnauthenticatedError

HEARTBEAT_SECONDS = 15.0
SEND_TIMEOUT_SECONDS = 20.0
HEADERS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))
HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class Streams:
    """The event streams of one application, whose `host` says when a sender's token is revoked."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._watchers: set[asyncio.Task[None]] = set()

    def close_all(self) -> None:
        """Ends all of them, without `complete`: their clients will come again."""
        for watcher in self._watchers:
            watcher.cancel()

    async def send(
        self, exchange: Exchange, events: AsyncGenerator[Answer, None], principal: Principal | None
    ) -> None:
        """Sends `events` until they end, the client leaves or its token is over; closes them in each case."""
        await exchange.start(EXECUTED, *HEADERS)
        watcher = asyncio.create_task(_until_gone(exchange))
        sender = asyncio.create_task(_send_all(exchange, events))
        self._watchers.add(watcher)
        try:
            with ExitStack() as watching:
                revoked = asyncio.Event()
                if principal is not None:
                    watching.callback(self._host.watch(principal, revoked.set))
                last_words = await _keep_alive(exchange, {watcher, sender}, principal, revoked)
        finally:
            self._watchers.discard(watcher)
            watcher.cancel()
            sender.cancel()
            await asyncio.wait({watcher, sender})
            await events.aclose()
        if sender.cancelled():
            await _write(exchange, last_words, more=False)
        else:
            sender.result()  # raises what it raised


async def _send_all(exchange: Exchange, events: AsyncGenerator[Answer, None]) -> None:
    async for answer in events:
        await exchange.write(_next(answer), more=True)
    await exchange.write(COMPLETE, more=False)


async def _until_gone(exchange: Exchange) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _keep_alive(
    exchange: Exchange, tasks: set[asyncio.Task[None]], principal: Principal | None, revoked: asyncio.Event
) -> bytes:
    """Sends a comment now and then until one of `tasks` is done or the token is over; gives the last words."""
    revocation = asyncio.create_task(_after_the_last_words(revoked))
    try:
        while (left_seconds := _left_seconds(principal)) > 0:
            done, _ = await asyncio.wait(
                {*tasks, revocation}, timeout=left_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                return b"" if done & tasks else REVOKED
            await _write(exchange, HEARTBEAT, more=True)
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


async def _write(exchange: Exchange, content: bytes, *, more: bool) -> None:
    """Gives up on a client that does not read."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await exchange.write(content, more=more)
    except TimeoutError:
        raise ClientGoneError from None


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(answer.as_dict()) + b"\n\n"


def _refusal(message: str) -> bytes:
    return _next(answers.refused(UnauthenticatedError(message))) + COMPLETE


OVER = _refusal("The access token is over. Subscribe again with a fresh one.")
REVOKED = _refusal("The access token was revoked. Log in again.")

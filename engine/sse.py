"""Answers as a stream of server-sent events, for as long as client, token and service last.

Source: GraphQL over SSE, distinct connections mode: events `next`, then one `complete`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import orjson

from engine import answers
from engine.answers import EXECUTED, Answer
from engine.exchange import Exchange
from errors import ClientGoneError, UnauthenticatedError

HEARTBEAT_SECONDS = 15.0
SEND_TIMEOUT_SECONDS = 20.0
HEADERS = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))
HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class Streams:
    """The event streams of one application."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Task[None]] = set()

    def close_all(self) -> None:
        """Ends all of them, without `complete`: their clients will come again."""
        for watcher in self._watchers:
            watcher.cancel()

    async def send(
        self, exchange: Exchange, events: AsyncGenerator[Answer, None], expires_at: datetime | None
    ) -> None:
        """Sends `events` until they end, the client leaves or `expires_at` is past; closes them in each case."""
        await exchange.start(EXECUTED, *HEADERS)
        watcher = asyncio.create_task(_until_gone(exchange))
        sender = asyncio.create_task(_send_all(exchange, events))
        self._watchers.add(watcher)
        try:
            last_words = await _keep_alive(exchange, {watcher, sender}, expires_at)
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
    exchange: Exchange, tasks: set[asyncio.Task[None]], expires_at: datetime | None
) -> bytes:
    """Sends a comment now and then until one of `tasks` is done or the token is over; gives the last words."""
    done: set[asyncio.Task[None]] = set()
    while not done:
        left_seconds = HEARTBEAT_SECONDS
        if expires_at is not None:
            left_seconds = min(left_seconds, (expires_at - datetime.now(UTC)).total_seconds())
        if left_seconds <= 0:
            over = UnauthenticatedError("The access token is over. Subscribe again with a fresh one.")
            return _next(answers.refused(over)) + COMPLETE
        done, _ = await asyncio.wait(tasks, timeout=left_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            await _write(exchange, HEARTBEAT, more=True)
    return b""


async def _write(exchange: Exchange, content: bytes, *, more: bool) -> None:
    """Gives up on a client that does not read."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            await exchange.write(content, more=more)
    except TimeoutError:
        raise ClientGoneError from None


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(answer.as_dict()) + b"\n\n"

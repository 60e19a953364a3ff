"""A load generator that costs little: it shares the processors with what it measures.

HTTP/1.1 over raw sockets, kept alive; requests are made beforehand and sent without a copy.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"
BUFFER_BYTES: Final = 2 * 2**20
STUCK_SECONDS: Final = 60
UNIQUE_BYTES: Final = 16

_STATUS: Final = slice(9, 12)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_unique = itertools.count(1)

Client = Callable[[], Awaitable[None]]
"""Sends its next request and waits for the answer."""


class UnexpectedAnswerError(Exception):
    """A server answered something else than what is to be measured."""


@dataclass(frozen=True)
class Answer:
    """An answer. `body` lies in the connection's buffer until the next exchange."""

    status: int
    body: memoryview


def body_of(answer: bytes | bytearray, filled: int = sys.maxsize) -> slice | None:
    """Where in an answer, of which so many bytes came, its body lies or will lie; None while its head is not there."""
    head_end = answer.find(b"\r\n\r\n", 0, filled)
    if head_end < 0:
        return None
    length = _LENGTH.search(answer, 0, head_end)
    if length is None:
        raise UnexpectedAnswerError(bytes(answer[:head_end]))
    return slice(head_end + 4, head_end + 4 + int(length[1]))


class Connection:
    """One kept-alive connection; answers have a Content-Length and at most BUFFER_BYTES."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = bytearray(BUFFER_BYTES)
        self._view = memoryview(self._buffer)

    async def exchange(self, request: bytes | bytearray, more: Iterable[bytes] = ()) -> Answer:
        """Send a whole request, whose body may go on with `more`; wait for the whole answer."""
        loop = asyncio.get_running_loop()
        for part in itertools.chain([request], more):
            await loop.sock_sendall(self._socket, part)
        status, begin, end, filled = await self._head()
        while filled < end:
            filled += await self._receive(filled)
        return Answer(status, self._view[begin:end])

    async def discard(self, request: bytes) -> tuple[int, int]:
        """Send a request, read its answer to the end and keep nothing: status and length, which may be any."""
        await asyncio.get_running_loop().sock_sendall(self._socket, request)
        status, begin, end, filled = await self._head()
        left = end - filled
        while left:
            left -= await self._receive(max(BUFFER_BYTES - left, 0))
        return status, end - begin

    async def _head(self) -> tuple[int, int, int, int]:
        """The status, where the body begins and ends, and up to where the buffer is filled."""
        filled, body = 0, None
        while body is None:
            filled += await self._receive(filled)
            body = body_of(self._buffer, filled)
        return int(self._buffer[_STATUS]), body.start, body.stop, filled

    async def _receive(self, at: int) -> int:
        count = await asyncio.get_running_loop().sock_recv_into(self._socket, self._view[at:])
        if not count:
            raise UnexpectedAnswerError("the server hung up")
        return count


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[Connection]]:
    """So many open connections."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(each, (HOST, port))
        yield [Connection(each) for each in sockets]


@dataclass(frozen=True)
class Upload:
    """A request that is sent again and again, with other bytes at `unique_at` each time."""

    request: bytes
    unique_at: int
    accepted: bytes
    """What stands in the body of an answer that acknowledges it."""


def uploader(connection: Connection, upload: Upload) -> Client:
    """A client that uploads a new file each time."""
    request, at, accepted = bytearray(upload.request), upload.unique_at, upload.accepted

    async def send() -> None:
        request[at : at + UNIQUE_BYTES] = b"%0*d" % (UNIQUE_BYTES, next(_unique))
        answer = await connection.exchange(request)
        if accepted not in bytes(answer.body):
            raise UnexpectedAnswerError(bytes(answer.body[:500]))

    return send


def downloader(connection: Connection, request: bytes, content: bytes) -> Client:
    """A client that fetches the same file each time; the first time every byte is compared."""
    compared = False

    async def send() -> None:
        nonlocal compared
        answer = await connection.exchange(request)
        if len(answer.body) != len(content) or not (compared or answer.body == content):
            raise UnexpectedAnswerError(f"status {answer.status}, {len(answer.body)} bytes")
        compared = True

    return send


@dataclass(frozen=True)
class Done:
    """How many requests were answered, in which time."""

    count: int
    seconds: float


async def run(clients: Sequence[Client], *, seconds: float = math.inf, count: int = sys.maxsize) -> Done:
    """Let every client send until the time is over or `count` requests are sent; all are answered at the end."""
    began, answered, tickets = time.monotonic(), 0, iter(range(count))

    async def repeat(client: Client) -> None:
        nonlocal answered
        while time.monotonic() - began < seconds and next(tickets, None) is not None:
            async with asyncio.timeout(STUCK_SECONDS):
                await client()
            answered += 1

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(repeat(client))
    return Done(answered, time.monotonic() - began)

"""One HTTP/1.1 connection, as far as a bucket needs it: bodies that are at hand, answers that are read in pieces."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import httptools

Body = Sequence[bytes | memoryview]

WRITTEN_BYTES = 2**20
"""How much is handed over at once: under TLS it is encrypted there, and kept a second time."""

READ_AHEAD_BYTES = 2**18
INFORMATIONAL = range(100, 200)
WITH_BODY = frozenset({"PUT", "POST"})
SAY_THE_LENGTH = frozenset({"content-length", "transfer-encoding"})


class BrokenError(ConnectionError):
    """The connection ended before the answer did, or what came is no answer.

    `unheard` if nothing has come at all.
    """

    def __init__(self, message: str, *, unheard: bool) -> None:
        super().__init__(message)
        self.unheard = unheard


@dataclass(frozen=True)
class Head:
    """How a request begins, but for the length of its body."""

    method: str
    target: str
    headers: Mapping[str, str]

    def encoded(self, body: Body) -> bytes:
        """As it goes out before this body."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.method in WITH_BODY:
            lines.append(f"content-length: {sum(map(len, body))}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass
class Incoming:
    """What has come of an answer and was not read yet. The names of headers are in lower case."""

    has_body: bool
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: deque[bytes] = field(default_factory=deque)
    unread_bytes: int = 0
    has_begun: bool = False
    is_whole: bool = False
    stays_open: bool = False


class Connection(asyncio.Protocol):
    """Has one exchange after the other. Whoever gives one up before its end aborts it."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._incoming = Incoming(has_body=False, is_whole=True, stays_open=True)
        self._parser: httptools.HttpResponseParser | None = None
        self._failure: BrokenError | None = None
        self._news = asyncio.Event()
        self._may_write = True
        self._has_sent = True

    @property
    def is_free(self) -> bool:
        """Whether another exchange may begin."""
        incoming = self._incoming
        ended = self._has_sent and incoming.is_whole and not incoming.pieces
        return ended and incoming.stays_open and not self.transport.is_closing()

    async def exchange(self, head: Head, body: Body, silence_seconds: float) -> Incoming:
        """The answer, once its head has come.

        Raises:
            BrokenError: It will not come.
            TimeoutError: All was sent, and nothing has come for so long.
        """
        self._incoming = incoming = Incoming(has_body=head.method != "HEAD")
        self._parser = httptools.HttpResponseParser(self)
        self._has_sent = False
        for batch in _batches([head.encoded(body), *body]):
            self.transport.writelines(batch)
            while not (self._may_write or incoming.has_begun):
                await self._hear()
            if incoming.has_begun:  # whoever refuses does not wait for the rest
                break
        else:
            self._has_sent = True
        async with asyncio.timeout(silence_seconds):
            while not incoming.has_begun:
                await self._hear()
        return incoming

    async def next_piece(self, silence_seconds: float) -> bytes | None:
        """The next of the body, None at its end.

        Raises:
            BrokenError: It breaks off.
            TimeoutError: Nothing has come for so long.
        """
        incoming = self._incoming
        if not (incoming.pieces or incoming.is_whole):
            async with asyncio.timeout(silence_seconds):
                while not (incoming.pieces or incoming.is_whole):
                    await self._hear()
        if not incoming.pieces:
            return None
        piece = incoming.pieces.popleft()
        if incoming.unread_bytes > READ_AHEAD_BYTES >= incoming.unread_bytes - len(piece):
            self.transport.resume_reading()
        incoming.unread_bytes -= len(piece)
        return piece

    async def _hear(self) -> None:
        if self._failure:
            raise self._failure
        self._news.clear()
        await self._news.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are of no class of asyncio's

    def connection_lost(self, _: Exception | None) -> None:
        """It is gone: that is the end of an answer of unknown length, and breaks off any other."""
        incoming = self._incoming
        incoming.is_whole |= incoming.has_begun and not SAY_THE_LENGTH & incoming.headers.keys()
        self._fail("the connection was closed")

    def pause_writing(self) -> None:
        """Much waits to be sent."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Most of it was."""
        self._may_write = True
        self._news.set()

    def data_received(self, data: bytes) -> None:
        """Some of an answer, or what nobody has asked for."""
        if self._parser is None:
            self.transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("what came is not HTTP")
            self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head."""
        self._incoming.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The end of the head."""
        assert self._parser  # noqa: S101 - it calls
        incoming, incoming.status = self._incoming, self._parser.get_status_code()
        if incoming.status in INFORMATIONAL:
            incoming.headers.clear()
            return
        incoming.has_begun = True
        incoming.stays_open = self._parser.should_keep_alive()
        if not incoming.has_body:
            self._end()
        self._news.set()

    def on_body(self, piece: bytes) -> None:
        """Some of the body."""
        incoming = self._incoming
        incoming.pieces.append(piece)
        incoming.unread_bytes += len(piece)
        if incoming.unread_bytes > READ_AHEAD_BYTES:
            self.transport.pause_reading()
        self._news.set()

    def on_message_complete(self) -> None:
        """The end of the body, or of an announcement that an answer will follow."""
        if self._incoming.has_begun:
            self._end()

    def _end(self) -> None:
        self._incoming.is_whole, self._parser = True, None
        self._news.set()

    def _fail(self, reason: str) -> None:
        unheard = not self._incoming.has_begun and not self._incoming.headers
        self._failure = self._failure or BrokenError(reason, unheard=unheard)
        self._news.set()


def _batches(pieces: Body) -> Iterator[Body]:
    """The pieces in order, so many together as are handed over at once."""
    batch: list[bytes | memoryview] = []
    size_bytes = 0
    for piece in pieces:
        if batch and size_bytes + len(piece) > WRITTEN_BYTES:
            yield batch
            batch, size_bytes = [], 0
        batch.append(piece)
        size_bytes += len(piece)
    yield batch

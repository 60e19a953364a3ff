"""A crowd of subscribers that costs little: raw sockets, messages that are counted and not decoded.

They speak `graphql-transport-ws`, uncompressed. Each names its operation with a UUID, as the library graphql-ws does in
browsers: no two listeners are sent the same bytes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final, cast
from uuid import uuid4

from benchmarks.load import HOST, STUCK_SECONDS, UnexpectedAnswerError

AT_ONCE: Final = 50
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL = MASKED = 0x80
NO_MASK: Final = bytes(4)
"""Clients have to mask what they send; zeros change nothing."""

IN_16_BITS, IN_64_BITS = 126, 127
SWITCHED: Final = b"HTTP/1.1 101 "
NEXT, ACKNOWLEDGED = b'"type":"next"', b'"type":"connection_ack"'
HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


class Crowd:
    """What all listeners hear together; the last message that one of them heard is kept."""

    def __init__(self) -> None:
        self.heard = 0
        self.last = b""
        self._expected = 0
        self._complete = asyncio.get_running_loop().create_future()

    def expect(self, messages: int) -> None:
        """Begins to count."""
        self.heard, self._expected = 0, messages
        self._complete = asyncio.get_running_loop().create_future()

    async def wait(self, seconds: float) -> bool:
        """Whether as many messages came as are expected; waits no longer than this.

        Raises:
            UnexpectedAnswerError: Something else came.
        """
        await asyncio.wait({self._complete}, timeout=seconds)
        if self._complete.done():
            self._complete.result()
        return self._complete.done()

    def hear(self, message: bytes) -> None:
        """A message came."""
        self.heard += 1
        self.last = message
        if self.heard == self._expected:
            self._complete.set_result(None)

    def fail(self, reason: str) -> None:
        """Something else came."""
        if not self._complete.done():
            self._complete.set_exception(UnexpectedAnswerError(reason))


class Listener(asyncio.Protocol):
    """One subscriber; `acknowledged` once the server has let it in."""

    def __init__(self, crowd: Crowd, token: str) -> None:
        self.acknowledged = asyncio.get_running_loop().create_future()
        self._crowd = crowd
        self._init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        self._left = b""
        self._switched = False

    async def connect(self, port: int) -> None:
        """Connects to a server; the rest follows by itself."""
        await asyncio.get_running_loop().create_connection(lambda: self, HOST, port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for a socket."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ours to say, not the server's."""
        self._crowd.fail(f"the server hung up: {exc}")

    def data_received(self, data: bytes) -> None:
        """Takes in all whole frames."""
        self._left += data
        if not self._switched:
            head, end, rest = self._left.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(SWITCHED):
                self._crowd.fail(head.decode())
                return
            self._switched, self._left = True, rest
            self._say(self._init)
        for opcode, payload in self._frames():
            self._take(opcode, payload)

    def subscribe(self, text: str) -> None:
        """Begins to listen."""
        self._say({"id": str(uuid4()), "type": "subscribe", "payload": {"query": text}})

    def close(self) -> None:
        """Hangs up."""
        self._transport.abort()

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT and NEXT in payload:
            self._crowd.hear(payload)
        elif opcode == TEXT and ACKNOWLEDGED in payload:
            self.acknowledged.set_result(None)
        elif opcode == PING:
            self._send(PONG, payload)
        else:
            self._crowd.fail(f"frame {opcode}: {payload!r}")

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        """Source: RFC 6455 section 5.2; servers do not mask."""
        data, at = self._left, 0
        while len(data) - at >= 2:  # noqa: PLR2004 - the shortest head
            length, begin = data[at + 1], at + 2
            if length >= IN_16_BITS:
                wide = 2 if length == IN_16_BITS else 8
                length, begin = int.from_bytes(data[begin : begin + wide]), begin + wide
            if begin + length > len(data):
                break
            yield data[at] & 0xF, data[begin : begin + length]
            at = begin + length
        self._left = data[at:]

    def _say(self, message: object) -> None:
        self._send(TEXT, json.dumps(message).encode())

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        head = bytes((FINAL | opcode, MASKED | min(length, IN_16_BITS)))
        wide = length.to_bytes(2) if length >= IN_16_BITS else b""
        self._transport.write(head + wide + NO_MASK + payload)


@asynccontextmanager
async def subscribed(port: int, count: int, token: str, text: str) -> AsyncIterator[Crowd]:
    """So many subscribers to one thing; whether they are heard already, only the server knows."""
    crowd = Crowd()
    listeners = [Listener(crowd, token) for _ in range(count)]
    try:
        for begin in range(0, count, AT_ONCE):
            group = listeners[begin : begin + AT_ONCE]
            async with asyncio.timeout(STUCK_SECONDS):
                await asyncio.gather(*(each.connect(port) for each in group))
                await asyncio.gather(*(each.acknowledged for each in group))
            for each in group:
                each.subscribe(text)
        yield crowd
    finally:
        for each in listeners:
            each.close()

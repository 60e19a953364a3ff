"""A socket whose every byte is ours: frames that no library sends, and a client that does not read."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.engine.wire import head
from tests.service import Service

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
FINAL, MASKED = 0x80, 0x80
UPGRADE = {
    "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-protocol": "graphql-transport-ws",
}  # fmt: skip
ABNORMAL = 1006
WITHIN_SECONDS = 10


def frame(opcode: int, content: bytes = b"", *, flags: int = FINAL, announced: int | None = None) -> bytes:
    """A frame from a client: masked with zeros, of the length that it has or that is announced."""
    size = len(content) if announced is None else announced
    if size < 126:
        length = bytes([MASKED | size])
    elif size < 2**16:
        length = bytes([MASKED | 126]) + size.to_bytes(2)
    else:
        length = bytes([MASKED | 127]) + size.to_bytes(8)
    return bytes([flags | opcode]) + length + bytes(4) + content


def message(kind: str, **fields: Any) -> bytes:
    """A message of the protocol, as a frame."""
    return frame(TEXT, json.dumps({"type": kind, **fields}).encode())


@dataclass
class RawSocket:
    """Past the handshake."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *frames: bytes) -> None:
        """Writes them."""
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def heard(self) -> tuple[int, bytes]:
        """The next frame: opcode and content."""
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
        return first & 0x0F, await self.reader.readexactly(size)

    async def ended(self) -> int:
        """The code of the close frame, after whatever else comes; ABNORMAL if there is none."""
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                while True:
                    opcode, content = await self.heard()
                    if opcode == CLOSE:
                        return int.from_bytes(content[:2])
        except (asyncio.IncompleteReadError, ConnectionError):
            return ABNORMAL


@asynccontextmanager
async def opened(
    service: Service, token: str | None = None, *, receives: int | None = None
) -> AsyncIterator[RawSocket]:
    """A socket past `connection_init`, if a token is given; the kernel keeps `receives` bytes for it."""
    line = socket.socket()
    line.setblocking(False)
    if receives is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", service.port))
    reader, writer = await asyncio.open_connection(sock=line, limit=2**16)
    try:
        writer.write(head("GET", "/graphql", UPGRADE))
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        raw = RawSocket(reader, writer)
        if token is not None:
            await raw.say(message("connection_init", payload={"authorization": f"Bearer {token}"}))
            assert b"connection_ack" in (await raw.heard())[1]
        yield raw
    finally:
        writer.transport.abort()


def key() -> str:
    """An id for an operation."""
    return os.urandom(8).hex()

"""A way to a server that is cut now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Forwarder:
    """Forwards connections to a port of this machine; `cut` ends all that there are. `count` is how many there were."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._open: set[asyncio.StreamWriter] = set()
        self.count = 0
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Forwarder]:
        """On a port of its own."""
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await asyncio.sleep(0)

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count += 1
        there, further = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._open |= {writer, further}
        await asyncio.gather(_pass(reader, further), _pass(there, writer), return_exceptions=True)
        self._open -= {writer, further}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(2**16):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()

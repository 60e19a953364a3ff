"""A wire to MongoDB that loses what it is told to lose, or takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

COMMIT = b"commitTransaction"
PIECE_BYTES = 2**16


class Wire:
    """Carries bytes between clients and the server at `port`.

    `commits_to_lose` is of how many commits the answer will be lost: the server has done them. `delay_seconds` is how late
    each piece of an answer comes.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self.commits_to_lose = 0
        self.lost = 0
        self.delay_seconds = 0.0

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator[Self]:
        """Until the end of the block."""
        wire = cls(port)
        server = await asyncio.start_server(wire._carry, "127.0.0.1")
        wire.port = server.sockets[0].getsockname()[1]
        try:
            yield wire
        finally:
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        is_to_be_lost = asyncio.Event()

        async def ask() -> None:
            while piece := await reader.read(PIECE_BYTES):
                if COMMIT in piece and self.commits_to_lose:
                    self.commits_to_lose -= 1
                    is_to_be_lost.set()
                to_server.write(piece)
                await to_server.drain()

        async def answer() -> None:
            while piece := await from_server.read(PIECE_BYTES):
                if is_to_be_lost.is_set():
                    self.lost += 1
                    return
                await asyncio.sleep(self.delay_seconds)
                writer.write(piece)
                await writer.drain()

        tasks = [asyncio.create_task(ask()), asyncio.create_task(answer())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            with suppress(Exception):
                await asyncio.gather(*tasks, return_exceptions=True)
            writer.transport.abort()
            to_server.transport.abort()

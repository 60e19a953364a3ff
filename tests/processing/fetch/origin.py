"""Servers that a fetch may meet: one that answers whatever it is told to, and one that must never be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

HOST = "origin.test"
Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Origin:
    """Answers each path as `answers` says, byte for byte; keeps the heads of the requests that came."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Script] = {}
        self.heads: list[str] = []
        self.connects = 0
        self.at_once = self.most_at_once = 0
        self._serving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, host: str = "127.0.0.1", **how: Any) -> AsyncIterator[Origin]:
        """On a port of its own."""
        server = await asyncio.start_server(self._serve, host, **{"port": 0, **how})
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def url(self, path: str = "/a.jpg", host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.connects += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            answer = self.answers.get(head.split(" ")[1], status(404))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.at_once -= 1
            writer.close()


def ok(body: bytes, *headers: str) -> bytes:
    return status(200, f"Content-Length: {len(body)}", *headers) + body


def status(code: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} As told", *headers, "", ""]).encode()


def redirect(location: str, code: int = 302) -> bytes:
    return status(code, f"Location: {location}", "Content-Length: 0")


def endless(*headers: str, piece: bytes = b"x" * 65_536, every_seconds: float = 0) -> Script:
    """A body without an end."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(status(200, *headers))
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_seconds)

    return write


async def silent(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()

"""Connections to one host, kept open between requests.

aiohttp's client can do everything else, too, and costs three times as much, which was a tenth of an upload.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from storage.s3.bucket import DEFAULT_PORTS
from storage.s3.connection import Body, BrokenError, Connection, Head, Incoming

IDLE_SECONDS = 15
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class Response:
    """An answer that has begun. Whoever has it closes it; what was not read to its end costs the connection."""

    def __init__(self, connections: Connections, connection: Connection, incoming: Incoming) -> None:
        self._connections = connections
        self._connection: Connection | None = connection
        self._incoming = incoming

    @property
    def status(self) -> int:
        """The status."""
        return self._incoming.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; their names are in lower case."""
        return self._incoming.headers

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes.

        Raises:
            BrokenError, TimeoutError: It breaks off.
        """
        while piece := await self._next():
            yield piece

    async def read(self) -> bytes:
        """The whole body; raises what `pieces` does."""
        pieces = []
        while piece := await self._next():
            pieces.append(piece)
        return b"".join(pieces)

    async def _next(self) -> bytes | None:
        if self._connection is None:
            return None
        return await self._connection.next_piece(self._connections.silence_seconds)

    def close(self) -> None:
        """Gives the connection back; harmless a second time."""
        if connection := self._connection:
            self._connection = None
            self._connections.take_back(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Connections:
    """At most `limit` of them to the host; who asks for one more waits.

    Args:
        scheme: `http` or `https`.
        host: Its name or address, with a port where that is not the scheme's.
        limit: How many.
        connect_seconds: How long one may take to be there.
        silence_seconds: How long nothing may come where something is waited for.
    """

    def __init__(
        self, scheme: str, host: str, *, limit: int, connect_seconds: float, silence_seconds: float
    ) -> None:
        split = urlsplit(f"{scheme}://{host}")
        self._host, self._port = split.hostname or host, split.port or DEFAULT_PORTS[scheme]
        self._connect_seconds = connect_seconds
        self.silence_seconds = silence_seconds
        self._tls = _tls() if scheme == "https" else None
        self._slots = asyncio.Semaphore(limit)
        self._busy: set[Connection] = set()
        self._idle: list[tuple[Connection, float]] = []
        self._sweeping: asyncio.TimerHandle | None = None

    async def request(self, head: Head, body: Body = ()) -> Response:
        """The answer, once it has begun.

        What can be repeated is sent once more if a connection that was kept open turns out to be closed.

        Raises:
            BrokenError, OSError, TimeoutError: There will be none.
        """
        await self._slots.acquire()
        try:
            if (connection := self._kept()) is None:
                return await self._exchange(await self._opened(), head, body)
            try:
                return await self._exchange(connection, head, body)
            except BrokenError as error:
                if not error.unheard or head.method not in REPEATABLE:
                    raise
            return await self._exchange(await self._opened(), head, body)
        except BaseException:
            self._slots.release()
            raise

    async def close(self) -> None:
        """Closes them all."""
        for connection in [*self._busy, *(idle for idle, _ in self._idle)]:
            connection.transport.abort()
        self._idle.clear()
        if self._sweeping:
            self._sweeping.cancel()

    def take_back(self, connection: Connection) -> None:
        """Keeps a connection for the next request if it is good for one."""
        self._busy.discard(connection)
        self._slots.release()
        if not connection.is_free:
            connection.transport.abort()
            return
        self._idle.append((connection, monotonic()))
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)

    async def _exchange(self, connection: Connection, head: Head, body: Body) -> Response:
        self._busy.add(connection)
        try:
            return Response(self, connection, await connection.exchange(head, body, self.silence_seconds))
        except BaseException:
            self._busy.discard(connection)
            connection.transport.abort()
            raise

    async def _opened(self) -> Connection:
        name = self._host if self._tls else None
        async with asyncio.timeout(self._connect_seconds):
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, self._host, self._port, ssl=self._tls, server_hostname=name
            )
        return connection

    def _kept(self) -> Connection | None:
        """The one that was used last: the others may end."""
        while self._idle:
            connection, _ = self._idle.pop()
            if connection.is_free:
                return connection
        return None

    def _sweep(self) -> None:
        """Closes those that nobody has used for long."""
        self._sweeping = None
        long_ago = monotonic() - IDLE_SECONDS
        for connection, used_at in self._idle:
            if used_at <= long_ago:
                connection.transport.close()
        self._idle = [idle for idle in self._idle if idle[1] > long_ago]
        if self._idle:
            self._sweeping = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context

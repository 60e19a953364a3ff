"""uvicorn as we run it: one write for each small response, live streams let go of first when it stops."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from socket import socket
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from engine.server import SocketProtocol
from engine.uncopied import UncopiedBodies
from settings import Settings

KEEP_ALIVE_SECONDS = 75  # longer than proxies keep theirs: who hangs up first must not be us
SOCKET_PING_SECONDS = 20.0
SOCKET_MAX_BYTES = 2**20
CLOSING_RESERVE_SECONDS = 2
HEAD = b"HTTP/1."
NEW_OBJECTS_BEFORE_COLLECTION = 50_000


class Server(uvicorn.Server):
    """uvicorn, which lets go of live streams before it waits for requests to end."""

    def __init__(self, config: uvicorn.Config, let_go: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._let_go = let_go

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Sockets are closed with 1001, event streams end, then requests are waited for."""
        await self._let_go()
        await super().shutdown(sockets)


class OneWrite:
    """A transport that sends the head of a response together with its first bytes: uvicorn writes each by itself.

    A head that nothing follows goes out by itself, a turn of the loop later. Everything else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self.is_closing = transport.is_closing
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def write(self, content: bytes) -> None:
        """Sends `content`, or keeps it for a moment if it is a head."""
        if self._head:
            head, self._head = self._head, b""
            self.transport.writelines((head, content))
        elif content.startswith(HEAD):
            self._head = content
            self._loop.call_soon(self._send_head)
        else:
            self.transport.write(content)

    def close(self) -> None:
        """Closes the transport once all is sent."""
        self._send_head()
        self.transport.close()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head and not self.is_closing():
            self.transport.write(head)


class HttpProtocol(UncopiedBodies):
    """uvicorn's own, on such a transport. A socket gets the transport itself."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to serve a connection."""
        super().connection_made(
            cast("asyncio.Transport", OneWrite(cast("asyncio.Transport", transport), self.loop))
        )

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over."""
        self.transport = cast("OneWrite", self.transport).transport
        super().handle_websocket_upgrade()


def configuration(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=HttpProtocol,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ws=SocketProtocol,
        ws_max_size=SOCKET_MAX_BYTES,
        ws_per_message_deflate=False,  # costs each socket 34 KiB, and frames that many share are not compressed
        ws_ping_interval=SOCKET_PING_SECONDS,
        ws_ping_timeout=SOCKET_PING_SECONDS,
        timeout_graceful_shutdown=max(1, settings.shutdown_grace_seconds - CLOSING_RESERVE_SECONDS),
        log_config=None,  # its lines go where ours go
        log_level="warning",
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
    )


def keep_what_is_there() -> None:
    """To be called once all that lasts has been made: collections pass it over from now on, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])

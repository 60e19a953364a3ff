"""uvicorn as we run it: with protocols of ours, and live streams let go of first when it stops."""

from __future__ import annotations

import gc
import resource
from collections.abc import Awaitable, Callable
from functools import partial
from socket import socket
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

import stopping
from server.bounds import ConnectionBounds
from server.http import HttpProtocol
from server.sockets import SocketProtocol
from settings import Settings

KEEP_ALIVE_SECONDS = 75  # longer than proxies keep theirs: who hangs up first must not be us
SOCKET_PING_SECONDS = 20.0
SOCKET_MAX_BYTES = 2**20
CLOSING_RESERVE_SECONDS = 2
NEW_OBJECTS_BEFORE_COLLECTION = 50_000


class Server(uvicorn.Server):
    """uvicorn, which lets go of live streams before it waits for requests to end."""

    def __init__(
        self, config: uvicorn.Config, let_go: Callable[[], Awaitable[None]], grace_seconds: int
    ) -> None:
        super().__init__(config)
        self._let_go = let_go
        self._grace_seconds = grace_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop; soon after the grace, the process is gone."""
        stopping.begin(self._grace_seconds)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Sockets are closed with 1001, event streams end, then requests are waited for."""
        await self._let_go()
        await super().shutdown(sockets)


def configuration(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=cast("type[Any]", partial(HttpProtocol, bounds=_bounds(settings))),
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


def _bounds(settings: Settings) -> ConnectionBounds:
    """A quarter of the descriptors is left for what requests need, such as connections to MongoDB."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    affordable = descriptors * 3 // 4 if descriptors != resource.RLIM_INFINITY else settings.max_connections
    return ConnectionBounds(
        max_connections=min(settings.max_connections, affordable),
        head_timeout_seconds=settings.head_timeout_seconds,
    )


def keep_what_is_there() -> None:
    """To be called once all that lasts has been made: collections pass it over from now on, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])

"""GraphQL over WebSocket, the entrance: which sockets are let in, and how all of them are let go.

Source: GraphQL over WebSocket, subprotocol `graphql-transport-ws`. No other is spoken.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from engine import frames
from engine.executor import Executor
from engine.host import Host
from engine.places import STREAMS_PER_SENDER, Places
from engine.sharing import Fanout
from engine.sockets.connection import CLOSE_TIMEOUT_SECONDS, Connection, SocketBounds

__all__ = ["GraphQLWebSocket", "SocketBounds"]

SUBPROTOCOL = "graphql-transport-ws"


class GraphQLWebSocket:
    """The ASGI application for sockets at `/graphql`.

    Args:
        executor: Runs the operations.
        host: Says who sends them.
        bounds: What one socket may take.
        allowed_origins: Pages of other origins that may connect, such as `https://app.example`.
        fanout: Runs the subscriptions, those of other edges too if they share it.
        places: Counts sockets, and what else is open if others share it.
    """

    def __init__(
        self,
        executor: Executor,
        host: Host,
        *,
        bounds: SocketBounds,
        allowed_origins: frozenset[str] = frozenset(),
        fanout: Fanout | None = None,
        places: Places | None = None,
    ) -> None:
        self._executor = executor
        self._host = host
        self._bounds = bounds
        self._allowed_origins = allowed_origins
        self._fanout = fanout or Fanout(executor, host)
        self._places = places or Places(STREAMS_PER_SENDER)
        self._connections: set[Connection] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one socket until it ends."""
        await receive()  # websocket.connect
        if not self._may_connect(scope):
            await send({"type": "websocket.close"})  # before it is accepted: HTTP 403
            return
        speaks = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if speaks else None})
        connection = Connection(
            self._executor, self._host, self._fanout, self._places, self._bounds, scope, receive, send
        )
        if not speaks:
            connection.end(frames.UNKNOWN_SUBPROTOCOL, "Subprotocol not acceptable")
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    @property
    def open_count(self) -> int:
        """How many sockets are open."""
        return len(self._connections)

    async def close_all(self, code: int = frames.GOING_AWAY) -> None:
        """Closes every socket and waits until its operations have ended."""
        connections = list(self._connections)
        for connection in connections:
            connection.end(code, "Going away")
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_TIMEOUT_SECONDS):
                await asyncio.gather(*(connection.ended() for connection in connections))
                await self._fanout.settled()

    def _may_connect(self, scope: Scope) -> bool:
        """Whether the page that connects, if it is one, is ours or allowed: sockets know no CORS."""
        headers = [(name, value.decode("latin-1").lower()) for name, value in scope["headers"]]
        host = next((value for name, value in headers if name == b"host"), "")
        ours = self._allowed_origins | {f"{scheme}://{host}" for scheme in ("http", "https") if host}
        return all(value in ours for name, value in headers if name == b"origin")

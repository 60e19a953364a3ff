"""What one connection may take of us. uvicorn waits for ever for heads and for readers, and takes whoever comes."""

from __future__ import annotations

import asyncio
import json
from asyncio import TimerHandle
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CODES = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "PAYLOAD_TOO_LARGE",
    HTTPStatus.SERVICE_UNAVAILABLE: "TOO_MANY_CONNECTIONS",
}


@dataclass(frozen=True)
class ConnectionBounds:
    """How many connections there may be, and how slow and how large a head.

    Attributes:
        max_connections: Requests, sockets and those that are idle.
        head_timeout_seconds: From a connection's beginning, or the first byte of a further request, to the end of
            the request's headers.
        max_head_bytes: Of the request line and the headers together, if they do not come at once.
        max_headers: How many.
    """

    max_connections: int = 10_000
    head_timeout_seconds: float = 10
    max_head_bytes: int = 64 * 1024
    max_headers: int = 200


DEFAULT = ConnectionBounds()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol of one HTTP connection, which refuses what is too slow, too large or too many.

    A clock runs only while a head is awaited that did not come in one piece, so hardly ever.
    """

    def __init__(self, *args: Any, bounds: ConnectionBounds = DEFAULT, **named: Any) -> None:
        super().__init__(*args, **named)
        self._bounds = bounds
        self._clock: TimerHandle | None = None
        self._is_in_head = False
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begins to serve a connection, or refuses it at once."""
        super().connection_made(transport)
        if len(self.connections) > self._bounds.max_connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections. Come again in a moment.")
        else:
            self._clock = self.loop.call_later(self._bounds.head_timeout_seconds, self._on_slow_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends with the connection."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on; what is not a whole head has a time to become one, and a size."""
        super().data_received(data)
        if not self._awaits_head or self.transport.is_closing():
            return
        self._head_bytes += len(data) if self._is_in_head else 0
        if self._head_bytes > self._bounds.max_head_bytes:
            self._refuse_head()
        elif self._clock is None:
            self._clock = self.loop.call_later(self._bounds.head_timeout_seconds, self._on_slow_head)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._stop_clock()
        self._is_in_head, self._head_bytes = False, 0
        if self._has_too_many_headers:
            raise ValueError  # the parser stops, and `send_400_response` is called
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP."""
        if self._has_too_many_headers:
            self._refuse_head()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over; no request follows."""
        self.cycle = None  # type: ignore[assignment]  # as before the first request
        super().handle_websocket_upgrade()

    @property
    def _awaits_head(self) -> bool:
        """Whether what came last was the beginning of a head, or the rest of a body that was answered already."""
        return self._is_in_head or (self.cycle is not None and self.cycle.response_complete)

    @property
    def _has_too_many_headers(self) -> bool:
        return self.headers is not None and len(self.headers) > self._bounds.max_headers

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _on_slow_head(self) -> None:
        if self._is_in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The headers of the request came too slowly.")
        else:
            self.transport.close()  # nobody has asked for anything

    def _refuse_head(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._refuse(status, f"The headers are more than {self._bounds.max_head_bytes:,} bytes, or too many.")

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answers in the shape of GraphQL, and hangs up."""
        error = {"message": message, "extensions": {"code": CODES[status]}}
        content = json.dumps({"errors": [error]}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"content-type: application/json; charset=utf-8\r\ncontent-length: {len(content)}\r\n"
            f"cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self._stop_clock()
        self.transport.write(head.encode() + content)
        self.transport.close()

"""uvicorn's HTTP protocol, with one write for a small response, and request bodies as they came out of the parser.

uvicorn writes head and body by themselves: that is a system call more, and a packet. It copies each piece of a
request's body twice, to put it behind one that nobody has fetched yet: but there hardly ever is one.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from engine.deadline import GONE
from server.bounds import BoundedProtocol
from server.stalls import UNREAD_TIMEOUT_SECONDS, Stalls

HEAD = b"HTTP/1."


class OneWrite:
    """A transport that sends the head of a response together with its first bytes: uvicorn writes each by itself.

    A head that nothing follows goes out by itself, a turn of the loop later. Everything else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self.is_closing = transport.is_closing
        self._loop = loop
        self._head = b""
        self._abort: asyncio.TimerHandle | None = None

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
        if self.transport.get_write_buffer_size():  # it stays open until the client has read
            self._abort = self._loop.call_later(UNREAD_TIMEOUT_SECONDS, self.transport.abort)

    def lost(self) -> None:
        """The transport is no more."""
        if self._abort is not None:
            self._abort.cancel()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head and not self.is_closing():
            self.transport.write(head)


class HttpProtocol(Stalls, BoundedProtocol):
    """The protocol of one connection, on such a transport. A socket gets the transport itself."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to serve a connection."""
        super().connection_made(
            cast("asyncio.Transport", OneWrite(cast("asyncio.Transport", transport), self.loop))
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends with the connection."""
        cast("OneWrite", self.transport).lost()
        if self.cycle is not None and not self.cycle.response_complete:
            cast("dict[str, Any]", self.cycle.scope).get("extensions", {}).get(GONE, _nothing)()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Ends an idle connection, whose client may not even have read the last answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def on_body(self, body: bytes) -> None:
        """Takes a piece. The application is given `bytes(cycle.body)`, which is the piece itself if that is `bytes`."""
        cycle = self.cycle
        if cycle.body or cycle.response_complete:
            super().on_body(body)
        else:
            cycle.body = body  # type: ignore[assignment]  # uvicorn only adds to it
            super().on_body(b"")

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over."""
        self.transport = cast("OneWrite", self.transport).transport
        super().handle_websocket_upgrade()


def _nothing() -> None:
    """For requests that do not ask to be told."""

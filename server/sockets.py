"""uvicorn's own protocol for sockets, with a way in for frames that are already built, and bounds on what floods it."""

from __future__ import annotations

from typing import Any

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from engine import frames
from server.stalls import Stalls

SWITCHING_PROTOCOLS = 101
NO_TEXT, POLICY_VIOLATION = 1007, 1008  # RFC 6455 section 7.4.1
SLICE_BYTES = (
    4 * 1024
)  # of small frames, a transport's piece of 256 KiB would hold up everybody else for a second
MAX_PINGS = 100
PINGS_COUNTED_SECONDS = 10.0


class SocketProtocol(Stalls, WebSocketsSansIOProtocol):
    """To be given to uvicorn as `ws`. Whatever else it does for a socket, it does as ever."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._unread = b""
        self._pings = 0
        self._counted_from = 0.0

    def data_received(self, data: bytes) -> None:
        """Reads on: at once, or as the application keeps up."""
        if len(data) <= SLICE_BYTES and not self._unread:
            super().data_received(data)
            return
        self._unread += data
        self.transport.pause_reading()
        if not self.read_paused:
            self._read_slice()

    async def receive(self) -> ASGIReceiveEvent:
        """The next message. What has come behind the last one is looked at in the next turn of the loop."""
        event = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.loop.call_soon(self._read_slice)
        return event

    def _read_slice(self) -> None:
        if self.transport.is_closing():
            return
        if not self._unread:
            self.transport.resume_reading()
            return
        piece, self._unread = self._unread[:SLICE_BYTES], self._unread[SLICE_BYTES:]
        super().data_received(piece)
        if not self.read_paused:  # there was no whole message in it
            self.loop.call_soon(self._read_slice)

    def handle_ping(self) -> None:
        """Answers a control frame that asks for it; a flood of them ends the socket."""
        if self.close_sent:
            return
        now = self.loop.time()
        if now - self._counted_from > PINGS_COUNTED_SECONDS:
            self._counted_from, self._pings = now, 0
        self._pings += 1
        if self._pings > MAX_PINGS:
            self.conn.fail(POLICY_VIOLATION, "Too many pings")
            self.handle_parser_exception()
        else:
            super().handle_ping()

    def send_receive_event_to_app(self) -> None:
        """Hands a message over. One that is no text is the client's fault, and no news for the log."""
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self.conn.fail(NO_TEXT, "Text frames are UTF-8")
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_connect(self, event: Request) -> None:
        """Offers the way in to the application, which runs once this has returned."""
        super().handle_connect(event)
        if self.response.status_code == SWITCHING_PROTOCOLS:
            self.scope["extensions"][frames.PREBUILT] = {
                "write": self.write_prebuilt,
                "send": self.send_prebuilt,
            }

    def write_prebuilt(self, content: bytes) -> bool:
        """Writes whole frames, in line with `send`; False while the client does not read.

        Raises:
            ClientDisconnected: The socket is closed, or being closed.
        """
        if not self.writable.is_set():
            return False
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(content)
        return True

    async def send_prebuilt(self, content: bytes) -> None:
        """As `write_prebuilt`, but waits."""
        while not self.write_prebuilt(content):
            await self.writable.wait()


def _is_text(pieces: list[bytes]) -> bool:
    try:
        b"".join(pieces).decode()
    except UnicodeDecodeError:
        return False
    return True

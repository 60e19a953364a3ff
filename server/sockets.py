"""uvicorn's own protocol for sockets, with a way in for frames that are already built."""

from __future__ import annotations

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from engine import frames

SWITCHING_PROTOCOLS = 101


class SocketProtocol(WebSocketsSansIOProtocol):
    """To be given to uvicorn as `ws`. Whatever else it does for a socket, it does as ever."""

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

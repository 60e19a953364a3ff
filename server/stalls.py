"""Lets go of clients that do not read what they asked for: what waits for them would wait for ever, with its memory."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle

UNREAD_TIMEOUT_SECONDS = 30.0
"""How long a client may take nothing at all while much is waiting for it: longer than whoever streams to it waits."""


class Stalls(asyncio.Protocol):
    """A protocol's base, beside uvicorn's, whose connection ends when its client has stopped reading."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _stall: TimerHandle | None = None

    def pause_writing(self) -> None:
        """Much waits to be sent."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Hardly anything does any more."""
        self._stop_watching()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing does any more."""
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        waiting_bytes = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(UNREAD_TIMEOUT_SECONDS, self._look_again, waiting_bytes)

    def _look_again(self, waited_bytes: int) -> None:
        if self.transport.get_write_buffer_size() < waited_bytes:
            self._watch()
        else:
            self.transport.abort()

    def _stop_watching(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

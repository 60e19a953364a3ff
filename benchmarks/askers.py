"""Clients that ask for small answers very often: callbacks instead of coroutines, a third of the cost of `load.run`.

Every answer has to be the expected one, byte for byte.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final, cast

from benchmarks.load import HOST, STUCK_SECONDS, Done, UnexpectedAnswerError, body_of

LONGEST_SECONDS: Final = 900

Exchange = tuple[bytes, bytes]
"""A request, and the body of its answer."""


class Asker(asyncio.Protocol):
    """One connection; `finished` once `turn` gives no more exchanges."""

    def __init__(self, turn: Callable[[], Exchange | None]) -> None:
        self.finished = asyncio.get_running_loop().create_future()
        self._turn = turn
        self._expected = b""
        self._received = b""
        self._body: slice | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the first time."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ours to say, not the server's."""
        self._fail(f"the server hung up: {exc}")

    def data_received(self, data: bytes) -> None:
        """Asks again when the whole answer is there."""
        self._received = self._received + data if self._received else data
        self._body = self._body or body_of(self._received)
        if self._body is None or len(self._received) < self._body.stop:
            return
        if self._received[self._body] != self._expected:
            self._fail(self._received[:1_000].decode(errors="replace"))
        else:
            self._ask()

    def _ask(self) -> None:
        exchange = self._turn()
        if exchange is None:
            self.finished.set_result(None)
            self._transport.close()
            return
        request, self._expected = exchange
        self._received, self._body = b"", None
        self._transport.write(request)

    def _fail(self, reason: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(UnexpectedAnswerError(reason))
            self._transport.close()


async def run(
    port: int,
    clients: int,
    exchanges: Iterator[Exchange],
    *,
    seconds: float = math.inf,
    count: int = sys.maxsize,
) -> Done:
    """Ask over so many connections until the time is over or `count` requests are sent; all are answered at the end."""
    loop, began, asked = asyncio.get_running_loop(), time.monotonic(), 0

    def turn() -> Exchange | None:
        nonlocal asked
        if asked >= count or time.monotonic() - began >= seconds:
            return None
        asked += 1
        return next(exchanges)

    async with asyncio.timeout(min(seconds + STUCK_SECONDS, LONGEST_SECONDS)):
        connected = [await loop.create_connection(lambda: Asker(turn), HOST, port) for _ in range(clients)]
        await asyncio.gather(*(asker.finished for _, asker in connected))
    return Done(asked, time.monotonic() - began)

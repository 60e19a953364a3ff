"""The bytes of one request as they come in: counted, timed, and read no further than somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import suppress
from types import coroutine
from typing import Any

from starlette.types import Message, Receive

from errors import BodyTimeoutError, ClientGoneError, PayloadTooLargeError

LINGER_BYTES = 64 * 1024 * 1024
MIN_BYTES_PER_SECOND = 1_000
"""What a body may fall behind by no more than its timeout, counting only while somebody waits for it."""


class Body:
    """One request's body, pulled piece by piece; nothing is read before `allow`.

    Args:
        receive: ASGI's.
        headers: Of the request.
        timeout_seconds: The longest wait for one piece, and for all of them beyond MIN_BYTES_PER_SECOND.

    Attributes:
        complete: Whether the last byte has come.
    """

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], *, timeout_seconds: float) -> None:
        self._receive = receive
        self._timeout_seconds = timeout_seconds
        self._announced_bytes = int(headers.get(b"content-length", 0))
        self._limit_bytes = 0
        self._size_bytes = 0
        self._waited_seconds = 0.0
        self.complete = not self._announced_bytes and b"transfer-encoding" not in headers

    def allow(self, limit_bytes: int) -> None:
        """Sets the most that will be read, counted as it arrives.

        Raises:
            PayloadTooLargeError: More is announced.
        """
        self._limit_bytes = limit_bytes
        self._check(self._announced_bytes)

    async def pull(self) -> bytes:
        """The next piece, which may be empty; only to be called while not `complete`.

        Raises:
            PayloadTooLargeError: It goes over the limit.
            BodyTimeoutError: It did not come in time, or all of it comes too slowly.
            ClientGoneError: It will never come.
        """
        message = await self._next()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece: bytes = message.get("body", b"")
        self.complete = not message.get("more_body", False)
        self._size_bytes += len(piece)
        self._check(self._size_bytes)
        return piece

    async def read(self) -> bytes:
        """All that is left."""
        pieces = []
        while not self.complete:
            pieces.append(await self.pull())
        return b"".join(pieces)

    async def drain(self) -> None:
        """Reads to the end and keeps nothing: some clients look for an answer only after they have sent all."""
        while not self.complete:
            await self.pull()

    async def linger(self, timeout_seconds: float) -> None:
        """Throws away what a refused client still sends, for a while: hanging up on it would lose the answer."""
        left_bytes = self._limit_bytes + LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while not self.complete and left_bytes > 0:
                    message = await self._receive()
                    self.complete = not message.get("more_body", False)
                    left_bytes -= len(message.get("body", b""))

    async def _next(self) -> Message:
        """The next message. No clock is set for one that is here already, as that of a small request is."""
        receiving: Generator[Any, Any, Message] = self._receive().__await__()
        try:
            awaited = next(receiving)
        except StopIteration as received:
            message: Message = received.value
            return message
        clock = asyncio.get_running_loop().time
        began = clock()
        behind_seconds = max(0.0, self._waited_seconds - self._size_bytes / MIN_BYTES_PER_SECOND)
        try:
            async with asyncio.timeout(self._timeout_seconds - behind_seconds):
                return await _resumed(receiving, awaited)
        except TimeoutError:
            raise BodyTimeoutError(self._timeout_seconds) from None
        finally:
            self._waited_seconds += clock() - began

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self._limit_bytes:
            raise PayloadTooLargeError(
                f"The request is larger than {self._limit_bytes:,} bytes, the most that is taken."
            )


@coroutine
def _resumed(begun: Generator[Any, Any, Message], awaited: Any) -> Generator[Any, Any, Message]:
    """Goes on with what has begun and waits for `awaited`, as `await` would."""
    try:
        while True:
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001 - theirs to handle: they wait
                awaited = begun.throw(error)
            else:
                awaited = begun.send(sent)
    except StopIteration as received:
        message: Message = received.value
        return message

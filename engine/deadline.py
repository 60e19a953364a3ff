"""An operation has a time to end in, and a query that nobody waits for any more ends at once.

What is cancelled hangs up on the database in the middle of a command, and the database then ends that command.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from graphql import OperationType

from errors import ClientGoneError, OperationTimeoutError

GONE = "http.gone"
"""The ASGI extension under which the server finds what it calls when the client of a request has hung up."""


MUTATIONS_LAST = 4
"""So many times as long as a query may a mutation run: an import waits a minute for another server."""


def seconds_for(kind: OperationType | None, query_seconds: float) -> float:
    """How long an operation may run."""
    return query_seconds * MUTATIONS_LAST if kind is OperationType.MUTATION else query_seconds


class Deadline:
    """`async with` it: what runs inside has so many seconds.

    Raises:
        OperationTimeoutError: They are over.
        ClientGoneError: `leave` was called.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)
        self._has_left = False
        self._is_over = False

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise ClientGoneError if self._has_left else OperationTimeoutError(self._seconds) from None

    def leave(self) -> None:
        """Nobody waits any more."""
        if not self._is_over:
            self._has_left = True
            self._timeout.reschedule(0)

"""The seam: what the engine asks of the service that it runs in."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Protocol

from starlette.types import Scope

LAST_WORDS_SECONDS = 0.25
"""How long a principal whose sign-in ends may still hear: the answer to what ended it may go out on that very line."""


class Principal(Protocol):
    """Who sends the operation; the service's own class satisfies this."""

    @property
    def id(self) -> str:
        """Tells two principals apart."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When the access token ends (aware, UTC); streams and sockets are closed then."""
        ...


class Host(Protocol):
    """What the service tells the engine."""

    async def authenticate(self, authorization: str | None) -> Principal | None:
        """The sender behind an `Authorization` header, or None when there is no such header.

        Raises:
            UnauthenticatedError: The token is malformed, over or revoked.
        """
        ...

    def context(self, principal: Principal | None, request_id: str, client_address: str | None) -> object:
        """A fresh context for one operation; on a socket too, each operation gets its own."""
        ...

    def audience(self, principal: Principal | None) -> Hashable:
        """What is equal for those who are answered the same by every subscription, whichever context it began with."""
        ...

    def watch(self, principal: Principal, on_end: Callable[[], None]) -> Callable[[], None]:
        """Calls `on_end` when the principal's token is revoked, soon if it has been. What is returned ends the watch."""
        ...


def client_address(scope: Scope) -> str | None:
    """Where a request or a socket comes from, if the server knows."""
    return scope["client"][0] if scope.get("client") else None

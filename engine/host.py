"""The seam: what the engine asks of the service that it runs in."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


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

    def context(self, principal: Principal | None, request_id: str) -> object:
        """A fresh context for one operation; on a socket too, each operation gets its own."""
        ...

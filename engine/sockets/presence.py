"""Who is on a socket, and for how long: until their token is over or revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime

from engine import frames
from engine.host import LAST_WORDS_SECONDS, Host, Principal
from errors import UnauthenticatedError

FORBIDDEN_REASON = "Forbidden: the access token is not valid or has expired"
REVOKED_REASON = "Forbidden: the access token was revoked"


class Presence:
    """Nobody at first, and not for long: `connection_init` must say who it is.

    Args:
        host: Knows whose tokens are whose.
        place: Counts the socket among those of whoever it is.
        init_timeout_seconds: How long that may take.
        end: Has the socket closed with a code and a reason.
        on_revoked: Called at once when the token is revoked; the socket is closed a little later.
    """

    def __init__(
        self,
        host: Host,
        place: Callable[[Principal | None], AbstractContextManager[None]],
        init_timeout_seconds: float,
        end: Callable[[int, str], None],
        on_revoked: Callable[[], None],
    ) -> None:
        self._host = host
        self._place = place
        self._taken = ExitStack()
        self._end = end
        self._on_revoked = on_revoked
        self._stop_watching: Callable[[], None] = _nothing
        self._timer = asyncio.get_running_loop().call_later(
            init_timeout_seconds, end, frames.INIT_TIMEOUT, "Connection initialisation timeout"
        )
        self.is_known = False
        self.principal: Principal | None = None

    async def begin(self, authorization: str | None) -> None:
        """Whoever sends the token is here; nobody, without one.

        Raises:
            UnauthenticatedError: It is not valid.
            TooManyStreamsError: They are here too often.
        """
        principal = await self._host.authenticate(authorization)
        self._taken.enter_context(self._place(principal))
        self._recognise(principal)
        self.is_known = True

    async def renew(self, authorization: str) -> None:
        """Takes a fresh token of the same principal.

        Raises:
            UnauthenticatedError: It is not valid, or another's.
        """
        principal = await self._host.authenticate(authorization)
        if principal is None or self.principal is None or principal.id != self.principal.id:
            raise UnauthenticatedError
        self._recognise(principal)

    def leave(self) -> None:
        """Nobody is here or watched any more."""
        self._taken.close()
        self._forget()

    def _recognise(self, principal: Principal | None) -> None:
        """Who sends from now on. The socket ends with their token; an anonymous one has no end."""
        self._forget()
        self.principal = principal
        if principal is not None:
            left = principal.expires_at - datetime.now(UTC)
            self._end_after(left.total_seconds(), FORBIDDEN_REASON)
            self._stop_watching = self._host.watch(principal, self._revoke)

    def _forget(self) -> None:
        stop_watching, self._stop_watching = self._stop_watching, _nothing
        stop_watching()
        self._timer.cancel()

    def _revoke(self) -> None:
        """Takes no more orders; an answer that is being made has a moment to go out."""
        self._on_revoked()
        self._end_after(LAST_WORDS_SECONDS, REVOKED_REASON)

    def _end_after(self, seconds: float, reason: str) -> None:
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end, frames.FORBIDDEN, reason)


def _nothing() -> None:
    """There is nothing to be ended."""

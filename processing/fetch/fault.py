"""What a caller inside may know of a fetch that failed: enough to decide whether to try again.

It is read from the cause of the `FetchFailedError`, which never leaves the process. What is said of it to others must
not tell what can be reached from here: an answer of the server's may be named, since whoever reads it could have got
it as well; that a name is unknown, an address forbidden or a port closed may not be told apart.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from errors import FetchFailedError
from processing.fetch.refusal import RefusedError

OK, REQUEST_TIMEOUT, TOO_EARLY, TOO_MANY_REQUESTS, SERVER_ERRORS = 200, 408, 425, 429, 500
_TEMPORARY: Final = {REQUEST_TIMEOUT, TOO_EARLY, TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Fault:
    """Why nothing came. `status` is what the server answered: None if nobody did, 200 if its file broke off.

    `is_temporary` says whether another try may help, `retry_after_seconds` when the server wants to see it.
    """

    status: int | None
    is_temporary: bool
    retry_after_seconds: float | None = None

    @classmethod
    def of(cls, error: FetchFailedError) -> Fault:
        """Why this fetch failed."""
        match error.__cause__:
            case RefusedError() as refused:
                return cls(refused.status, refused.is_temporary, refused.retry_after_seconds)
            case cause:
                return cls(None, _may_pass(cause))


def answered(status: int, retry_after: str | None) -> RefusedError:
    """The server has answered with something else than a file."""
    return RefusedError(
        f"the server answers {status}",
        status=status,
        retry_after_seconds=_seconds(retry_after),
        is_temporary=status in _TEMPORARY or status >= SERVER_ERRORS,
    )


def broken_off(failure: Exception) -> RefusedError:
    """The server has begun with a file, and not gone on to its end."""
    return RefusedError(
        f"the body broke off ({type(failure).__name__}: {failure})", status=OK, is_temporary=True
    )


def unknown_name(failure: OSError) -> RefusedError:
    """No address was found; temporary only if the name servers say so themselves."""
    return RefusedError(f"no address ({failure})", is_temporary=failure.errno == socket.EAI_AGAIN)


def _may_pass(cause: BaseException | None) -> bool:
    """Whether it was the network: silence, a reset, nobody there. Certificates and malformed answers stay as they are."""
    from aiohttp import ServerDisconnectedError  # noqa: PLC0415 - who fetches nothing carries no client

    if isinstance(cause, ssl.CertificateError):
        return False
    return cause is None or isinstance(cause, OSError | ServerDisconnectedError)


def _seconds(retry_after: str | None) -> float | None:
    """What a `Retry-After` asks for; None for one that says nothing.

    Source: RFC 9110 §10.2.3.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())

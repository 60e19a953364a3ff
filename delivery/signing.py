"""Addresses that expire.

The end of a signature is rounded up to a window of half the lifetime, so that for minutes one picture keeps one
address: caches hit, equal queries give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import quote

NEVER = 0
SIGNATURE_BYTES = 24
LONGEST_SECONDS = 604_800


class Signer:
    """Makes and checks signed addresses.

    Args:
        secret: The service's secret; the key for addresses is derived from it.
        public_url: What clients put before a path.
        ttl_seconds: How long an address works unless asked otherwise; NEVER for no end.
    """

    def __init__(self, secret: str, *, public_url: str, ttl_seconds: int) -> None:
        self._key = hmac.digest(secret.encode(), b"darkroom addresses", hashlib.sha256)
        self._public_url = public_url.rstrip("/")
        self._ttl_seconds = ttl_seconds

    def address(self, path: str, ttl_seconds: int | None = None) -> str:
        """The path as a full URL that works for at least `ttl_seconds`, at most half as long again."""
        lifetime = self._ttl_seconds if ttl_seconds is None else ttl_seconds
        expires = NEVER if lifetime == NEVER else _end_of_window(time.time(), lifetime)
        return f"{self._public_url}{quote(path)}?expires={expires}&signature={self._signature(path, expires)}"

    def seconds_left(self, path: str, expires: str, signature: str) -> int | None:
        """How long the address still works, LONGEST_SECONDS for one without an end; None if it does not."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):  # noqa: PLR2004 - seconds since 1970
            return None
        end = int(expires)
        if str(end) != expires or not hmac.compare_digest(
            self._signature(path, end).encode(), signature.encode(errors="replace")
        ):
            return None
        left = LONGEST_SECONDS if end == NEVER else end - int(time.time())
        return left if left > 0 else None

    def _signature(self, path: str, expires: int) -> str:
        made = hmac.digest(self._key, f"{path}\n{expires}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made[:SIGNATURE_BYTES]).decode()


def _end_of_window(now: float, lifetime_seconds: int) -> int:
    window = max(lifetime_seconds // 2, 1)
    return -(-int(now + lifetime_seconds) // window) * window

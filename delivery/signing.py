"""Addresses that expire.

The end of a signature is rounded up to a window of half the lifetime, so that for minutes one picture keeps one
address: caches hit, equal queries give equal bytes.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import math
import re
import time
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

NEVER = 0
SIGNATURE_BYTES = 24
LONGEST_SECONDS = 604_800
ADDRESSES_KEPT = 16_384
"""About 8 MB: those of a hundred pages of 50 images with two presets."""

BLOCK_BYTES, INNER_PAD, OUTER_PAD = 64, 0x36, 0x5C
"""HMAC's, of SHA-256 (RFC 2104)."""

is_plain = re.compile(r"[A-Za-z0-9_.~/-]*", re.ASCII).fullmatch
"""Whether a path stands in an address as it is: `quote` says the same, at twice the cost."""

URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Signer:
    """Makes and checks signed addresses.

    Args:
        secret: The service's secret; the key for addresses is derived from it.
        public_url: What clients put before a path.
        ttl_seconds: How long an address works unless asked otherwise; NEVER for no end.
    """

    def __init__(self, secret: str, *, public_url: str, ttl_seconds: int) -> None:
        key = hmac.digest(secret.encode(), b"darkroom addresses", hashlib.sha256)
        self._inner, self._outer = _begun(key, INNER_PAD), _begun(key, OUTER_PAD)
        self._public_url = public_url.rstrip("/")
        self._ttl_seconds = ttl_seconds
        self._window = _Window.of(time.time(), ttl_seconds)
        self._signed = lru_cache(maxsize=ADDRESSES_KEPT)(self._sign)

    def address(self, path: str, ttl_seconds: int | None = None) -> str:
        """The path as a full URL that works for at least `ttl_seconds`, at most half as long again."""
        now = time.time()
        if ttl_seconds is not None:
            return self._signed(path, _Window.of(now, ttl_seconds).end)
        if not self._window.opens <= now < self._window.closes:
            self._window = _Window.of(now, self._ttl_seconds)
        return self._signed(path, self._window.end)

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

    def _sign(self, path: str, expires: int) -> str:
        quoted = path if is_plain(path) else quote(path)
        return f"{self._public_url}{quoted}?expires={expires}&signature={self._signature(path, expires)}"

    def _signature(self, path: str, expires: int) -> str:
        """The beginning of the HMAC-SHA-256, in base64url."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{path}\n{expires}".encode())
        outer.update(inner.digest())
        made = outer.digest()[:SIGNATURE_BYTES]
        return binascii.b2a_base64(made, newline=False).translate(URL_SAFE).decode()


def _begun(key: bytes, pad: int) -> hashlib._Hash:
    """One of HMAC's two hashes with the key in it already, which is half of what signing a short text costs."""
    return hashlib.sha256(bytes(byte ^ pad for byte in key.ljust(BLOCK_BYTES, b"\0")))


class _Window(NamedTuple):
    """From when until when signatures are made that end at the same time."""

    opens: float
    closes: float
    end: int

    @classmethod
    def of(cls, now: float, lifetime_seconds: int) -> _Window:
        """The one that is open now."""
        if lifetime_seconds == NEVER:
            return cls(-math.inf, math.inf, NEVER)
        length = max(lifetime_seconds // 2, 1)
        end = -(-int(now + lifetime_seconds) // length) * length
        closes = end - lifetime_seconds + 1
        return cls(closes - length, closes, end)

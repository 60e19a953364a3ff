"""Who is asking: passwords, and the tokens that stand for them."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash

from errors import UnauthenticatedError

ALGORITHM = "HS256"
ISSUER = "darkroom"
ACCESS, REFRESH = "darkroom:access", "darkroom:refresh"
LEEWAY_SECONDS = 5
NOT_VALID = "The access token is not valid or has expired. Send `Authorization: Bearer <access token>`, or log in again."
MAX_TOKEN_CHARACTERS = 4096
REQUIRED_CLAIMS = ["exp", "iat", "sub", "jti", "aud", "iss"]
HASHES_AT_ONCE = 2  # 64 MiB each

_jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})


@dataclass(frozen=True)
class Viewer:
    """Whose access token came with a request, and until when it speaks for them."""

    id: str
    session_id: str
    expires_at: datetime


@dataclass(frozen=True)
class IssuedToken:
    """A signed token. `id` is its `jti`."""

    value: str
    id: str
    expires_at: datetime


class Tokens:
    """Signed tokens of two kinds, told apart by their audience: neither is taken for the other.

    Args:
        secret: At least 32 bytes; every process of a service has the same.
        access_ttl_seconds: How long an access token speaks for its owner.
        refresh_ttl_seconds: How long a refresh token may be turned into a new session.
    """

    def __init__(self, secret: str, *, access_ttl_seconds: int, refresh_ttl_seconds: int) -> None:
        self._secret = secret
        self._ttl = {
            ACCESS: timedelta(seconds=access_ttl_seconds),
            REFRESH: timedelta(seconds=refresh_ttl_seconds),
        }

    def access(self, user_id: str, session_id: str) -> IssuedToken:
        """A token that speaks for the user."""
        return self._issue(ACCESS, user_id, session_id)

    def refresh(self, user_id: str, session_id: str) -> IssuedToken:
        """A token that is good for a new session only."""
        return self._issue(REFRESH, user_id, session_id)

    def viewer(self, authorization: str) -> Viewer:
        """Whom an `Authorization` header speaks for.

        Raises:
            UnauthenticatedError: Not a bearer token of ours, expired, or of the other kind. Always the same words.
        """
        refusal = UnauthenticatedError(NOT_VALID)
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or len(token) > MAX_TOKEN_CHARACTERS:
            raise refusal
        try:
            claims = self._verified(token.strip(), ACCESS)
            return Viewer(claims["sub"], str(claims["sid"]), datetime.fromtimestamp(claims["exp"], UTC))
        except (jwt.InvalidTokenError, KeyError, ValueError, OverflowError, TypeError) as error:
            raise refusal from error

    def _issue(self, audience: str, user_id: str, session_id: str) -> IssuedToken:
        now = datetime.now(UTC).replace(microsecond=0)
        expires_at = now + self._ttl[audience]
        token_id = secrets.token_hex(16)
        claims = {
            "iss": ISSUER, "aud": audience, "sub": user_id, "sid": session_id,
            "jti": token_id, "iat": now, "exp": expires_at,
        }  # fmt: skip
        return IssuedToken(_jwt.encode(claims, self._secret, ALGORITHM), token_id, expires_at)

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        return _jwt.decode(
            token,
            self._secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED_CLAIMS},
        )


class Passwords:
    """argon2id, off the event loop, at most HASHES_AT_ONCE at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._threads = CapacityLimiter(HASHES_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """What to keep of a password."""
        return await to_thread.run_sync(self._hasher.hash, _normal(password), limiter=self._threads)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password. Without a hash, for nobody, it takes the same time and is False."""
        known = password_hash or await self._nobodys()
        matched = await to_thread.run_sync(
            self._hasher.verify, _normal(password), known, limiter=self._threads
        )
        return matched and password_hash is not None

    async def _nobodys(self) -> str:
        """A hash that no password has."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_hex(16))
        return self._nobody


def _normal(password: str) -> str:
    """One spelling for what looks the same: keyboards differ in how they compose characters."""
    return unicodedata.normalize("NFKC", password)

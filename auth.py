"""Who is asking: passwords, and the tokens that stand for them."""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, TypeVar, TypeVarTuple

import jwt
from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash

from errors import InvalidCredentialsError, RateLimitedError, UnauthenticatedError

ALGORITHM = "HS256"
ISSUER = "darkroom"
ACCESS, REFRESH = "darkroom:access", "darkroom:refresh"
LEEWAY = timedelta(seconds=5)
NOT_VALID = "The access token is not valid or has expired. Send `Authorization: Bearer <access token>`, or log in again."
LOG_IN_AGAIN = "This refresh token is not valid, or was used before. Log in again."
MAX_TOKEN_CHARACTERS = 4096
TOKENS_REMEMBERED = 4096
REQUIRED_CLAIMS = ["exp", "iat", "sub", "jti", "aud", "iss"]
HASHES_AT_ONCE = 2  # 64 MiB each
HASHES_WAITING = 64
BUSY_SECONDS = 5


class UniqueClaims(jwt.PyJWT):
    """Tokens in which each claim stands once: of two, one reader would believe the first, another the last."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        claims = super()._decode_payload(decoded)
        if json.loads(decoded["payload"], object_pairs_hook=len) != len(claims):
            raise jwt.DecodeError("a claim stands twice")
        return claims


_jwt = UniqueClaims(options={"enforce_minimum_key_length": True})

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Viewer:
    """Whose access token came with a request, and until when it speaks for them."""

    id: str
    session_id: str
    expires_at: datetime


@dataclass(frozen=True)
class RefreshClaims:
    """What a refresh token says: whose session it continues, and its own `jti`."""

    user_id: str
    session_id: str
    id: str


class Stamp(Protocol):
    """What tells one token of a session from another."""

    @property
    def id(self) -> str:
        """Its `jti`."""
        ...

    @property
    def issued_at(self) -> datetime:
        """In whole seconds."""
        ...

    @property
    def expires_at(self) -> datetime:
        """In whole seconds."""
        ...


@dataclass(frozen=True)
class IssuedToken:
    """A signed token and its stamp."""

    value: str
    id: str
    issued_at: datetime
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
        self._viewer = lru_cache(TOKENS_REMEMBERED)(
            self._decoded
        )  # a signature is checked once, the end each time

    def access(self, user_id: str, session_id: str) -> IssuedToken:
        """A token that speaks for the user."""
        return self._issue(ACCESS, user_id, session_id)

    def refresh(self, user_id: str, session_id: str) -> IssuedToken:
        """A token that is good for a new session only."""
        return self._issue(REFRESH, user_id, session_id)

    def refresh_again(self, user_id: str, session_id: str, stamp: Stamp) -> IssuedToken:
        """The very refresh token of the session that has this stamp, character for character."""
        return self._signed(REFRESH, user_id, session_id, stamp.id, stamp.issued_at, stamp.expires_at)

    def viewer(self, authorization: str) -> Viewer:
        """Whom an `Authorization` header speaks for.

        Raises:
            UnauthenticatedError: Not a bearer token of ours, expired, or of the other kind. Always the same words.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise UnauthenticatedError(NOT_VALID)
        try:
            viewer = self._viewer(token.strip())
        except (jwt.InvalidTokenError, KeyError, ValueError, OverflowError, TypeError) as error:
            raise UnauthenticatedError(NOT_VALID) from error
        if viewer.expires_at <= datetime.now(UTC) - LEEWAY:
            raise UnauthenticatedError(NOT_VALID)
        return viewer

    def refresh_claims(self, token: str) -> RefreshClaims:
        """What a refresh token says.

        Raises:
            InvalidCredentialsError: Not a refresh token of ours, or expired.
        """
        try:
            claims = self._verified(token, REFRESH)
            return RefreshClaims(claims["sub"], str(claims["sid"]), claims["jti"])
        except (jwt.InvalidTokenError, KeyError, ValueError, OverflowError, TypeError) as error:
            raise InvalidCredentialsError(LOG_IN_AGAIN) from error

    def _decoded(self, token: str) -> Viewer:
        claims = self._verified(token, ACCESS)
        return Viewer(claims["sub"], str(claims["sid"]), datetime.fromtimestamp(claims["exp"], UTC))

    def _issue(self, audience: str, user_id: str, session_id: str) -> IssuedToken:
        now = datetime.now(UTC).replace(microsecond=0)
        return self._signed(
            audience, user_id, session_id, secrets.token_hex(16), now, now + self._ttl[audience]
        )

    def _signed(
        self,
        audience: str,
        user_id: str,
        session_id: str,
        token_id: str,
        issued_at: datetime,
        expires_at: datetime,
    ) -> IssuedToken:
        claims = {
            "iss": ISSUER, "aud": audience, "sub": user_id, "sid": session_id,
            "jti": token_id, "iat": issued_at, "exp": expires_at,
        }  # fmt: skip
        return IssuedToken(_jwt.encode(claims, self._secret, ALGORITHM), token_id, issued_at, expires_at)

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise jwt.InvalidTokenError
        return _jwt.decode(
            token,
            self._secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": REQUIRED_CLAIMS},
        )


class Passwords:
    """argon2id, off the event loop, at most HASHES_AT_ONCE at a time.

    Each method raises `RateLimitedError`, without a look at the password, while HASHES_WAITING others are waiting.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHash.recommended()
        self._threads = CapacityLimiter(HASHES_AT_ONCE)
        self._in_hand = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """What to keep of a password."""
        return await self._in_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password. Without a hash, for nobody, it takes the same time and is False."""
        known = password_hash or await self._nobodys()
        matched = await self._in_thread(self._hasher.verify, _normal(password), known)
        return matched and password_hash is not None

    async def _in_thread(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        if self._in_hand >= HASHES_AT_ONCE + HASHES_WAITING:
            raise RateLimitedError(BUSY_SECONDS)
        self._in_hand += 1
        try:
            return await to_thread.run_sync(function, *arguments, limiter=self._threads)
        finally:
            self._in_hand -= 1

    async def _nobodys(self) -> str:
        """A hash that no password has."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_hex(16))
        return self._nobody


def _normal(password: str) -> str:
    """One spelling for what looks the same: keyboards differ in how they compose characters."""
    return unicodedata.normalize("NFKC", password)

"""Tokens speak for one viewer, for a while; passwords are checked in the same time for everyone."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import jwt
import pytest

from auth import HASHES_AT_ONCE, HASHES_WAITING, Passwords, Tokens
from errors import InvalidCredentialsError, RateLimitedError, UnauthenticatedError

SECRET = "s" * 32


@pytest.fixture
def tokens():
    return Tokens(SECRET, access_ttl_seconds=60, refresh_ttl_seconds=600)


def test_an_access_token_speaks_for_its_viewer_until_it_ends(tokens):
    issued = tokens.access("user", "session")

    viewer = tokens.viewer(f"Bearer {issued.value}")

    assert (viewer.id, viewer.session_id, viewer.expires_at) == ("user", "session", issued.expires_at)


def test_a_refresh_token_speaks_for_nobody(tokens):
    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {tokens.refresh('user', 'session').value}")


def test_a_refresh_token_says_whose_session_it_continues(tokens):
    issued = tokens.refresh("user", "session")

    claims = tokens.refresh_claims(issued.value)

    assert (claims.user_id, claims.session_id, claims.id) == ("user", "session", issued.id)


def test_a_refresh_token_can_be_written_again_from_its_stamp(tokens):
    issued = tokens.refresh("user", "session")

    assert tokens.refresh_again("user", "session", issued) == issued


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 100_000, "\ud800"])
def test_what_is_no_refresh_token_is_refused_as_a_credential(tokens, token):
    with pytest.raises(InvalidCredentialsError, match="Log in again"):
        tokens.refresh_claims(token)


def test_an_access_token_refreshes_nothing(tokens):
    with pytest.raises(InvalidCredentialsError):
        tokens.refresh_claims(tokens.access("user", "session").value)


def test_a_token_that_was_verified_before_still_ends(tokens, monkeypatch):
    authorization = f"Bearer {tokens.access('user', 'session').value}"
    viewer = tokens.viewer(authorization)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return viewer.expires_at + timedelta(seconds=6)

    monkeypatch.setattr("auth.datetime", Later)

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(authorization)


def test_a_signature_is_checked_once(tokens, monkeypatch):
    authorization = f"Bearer {tokens.access('user', 'session').value}"
    viewer = tokens.viewer(authorization)
    monkeypatch.setattr(tokens, "_verified", lambda *_: pytest.fail("verified again"))

    assert tokens.viewer(authorization) is viewer


def test_a_short_secret_signs_nothing():
    with pytest.raises(jwt.InvalidKeyError):
        Tokens("short", access_ttl_seconds=1, refresh_ttl_seconds=1).access("user", "session")


async def test_only_the_password_itself_matches():
    passwords = Passwords()
    kept = await passwords.hash("x" * 80)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches("x" * 80, kept)
    assert not await passwords.matches("x" * 79, kept)
    assert not await passwords.matches("x" * 80, None)


async def test_a_password_is_not_looked_at_while_too_many_wait(monkeypatch):
    passwords, begun, ended = Passwords(), [], threading.Event()

    class Slow:
        def hash(self, password):
            begun.append(password)
            ended.wait(10)
            return password

    monkeypatch.setattr(passwords, "_hasher", Slow())
    admitted = [
        asyncio.create_task(passwords.hash(str(number))) for number in range(HASHES_AT_ONCE + HASHES_WAITING)
    ]
    await asyncio.sleep(0)

    try:
        with pytest.raises(RateLimitedError) as refused:
            await passwords.hash("one too many")
    finally:
        ended.set()

    assert refused.value.retry_after_seconds >= 1
    assert len(await asyncio.gather(*admitted)) == HASHES_AT_ONCE + HASHES_WAITING
    assert "one too many" not in begun

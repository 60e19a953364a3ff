"""Tokens speak for one viewer, for a while; passwords are checked in the same time for everyone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from auth import ACCESS, ALGORITHM, ISSUER, Passwords, Tokens
from errors import UnauthenticatedError

SECRET = "s" * 32


@pytest.fixture
def tokens():
    return Tokens(SECRET, access_ttl_seconds=60, refresh_ttl_seconds=600)


def claims(**changes):
    now = datetime.now(UTC)
    whole = {
        "iss": ISSUER, "aud": ACCESS, "sub": "user", "sid": "session", "jti": "id",
        "iat": now, "exp": now + timedelta(seconds=60), **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def signed(payload):
    """A token of any payload: PyJWT's own `encode` would refuse some."""
    text = json.dumps(payload, default=lambda when: int(when.timestamp()))
    return jwt.PyJWS().encode(text.encode(), SECRET, ALGORITHM)


def test_an_access_token_speaks_for_its_viewer_until_it_ends(tokens):
    issued = tokens.access("user", "session")

    viewer = tokens.viewer(f"Bearer {issued.value}")

    assert (viewer.id, viewer.session_id, viewer.expires_at) == ("user", "session", issued.expires_at)


def test_a_refresh_token_speaks_for_nobody(tokens):
    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {tokens.refresh('user', 'session').value}")


@pytest.mark.parametrize("missing", ["exp", "iat", "sub", "jti", "aud", "iss", "sid"])
def test_a_token_without_a_claim_is_refused(tokens, missing):
    token = jwt.encode(claims(**{missing: None}), SECRET, ALGORITHM)

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {token}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": datetime.now(UTC) - timedelta(seconds=6)},
        {"exp": "soon"},
        {"exp": 1e308},
        {"iat": datetime.now(UTC) + timedelta(hours=1)},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
        {"aud": "other"},
        {"iss": "other"},
        {"sub": 5},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(tokens, wrong):
    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {signed(claims(**wrong))}")


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_another_algorithm_is_refused(tokens, algorithm):
    token = jwt.encode(claims(), None if algorithm == "none" else SECRET * 2, algorithm)

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {token}")


def test_a_short_secret_signs_nothing():
    with pytest.raises(jwt.InvalidKeyError):
        Tokens("short", access_ttl_seconds=1, refresh_ttl_seconds=1).access("user", "session")


async def test_only_the_password_itself_matches():
    passwords = Passwords()
    kept = await passwords.hash("x" * 80)

    assert kept.startswith("$argon2id$")
    assert await passwords.matches("x" * 80, kept)
    assert not await passwords.matches("x" * 79, kept)
    assert not await passwords.matches("x" * 80, None)

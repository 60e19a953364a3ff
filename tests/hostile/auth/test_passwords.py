"""Passwords of strangers: the whole of each counts, whatever is in it, and looking at one has an end."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from tests.accounts import LOG_IN, SIGN_UP, log_in, sign_up
from tests.hostile import oracle

SIGNED_IN, REFUSED, INVALID = "LogInPayload", "InvalidCredentialsError", "InvalidInputError"
SAME = "x" * 72


def address():
    return f"person-{secrets.token_hex(6)}@example.com"


@pytest.mark.parametrize(
    ("kept", "tried", "outcome"),
    [
        (f"{SAME}a", f"{SAME}a", SIGNED_IN),
        (f"{SAME}a", f"{SAME}b", REFUSED),
        (f"{SAME}a", SAME, REFUSED),
        ("é" * 36 + "a", "é" * 36 + "b", REFUSED),
        ("x" * 1_024, "x" * 1_024, SIGNED_IN),
        ("x" * 1_024, "x" * 1_023, REFUSED),
        ("x" * 1_024, "x" * 1_025, REFUSED),
        ("abcd\0efgh", "abcd\0efgh", SIGNED_IN),
        ("abcd\0efgh", "abcd\0efgx", REFUSED),
        ("abcd\0efgh", "abcd", REFUSED),
        ("caf\u00e9 au lait", "cafe\u0301 au lait", SIGNED_IN),
        ("ﬁne print", "fine print", SIGNED_IN),
        ("correct horse", "correct horse ", REFUSED),
        ("correct horse", "Correct horse", REFUSED),
        ("correct horse", "\u0441\u043errect horse", REFUSED),
    ],
    ids=ascii,
)
async def test_a5_the_whole_of_a_password_counts(client, kept, tried, outcome):
    email = address()
    assert (await sign_up(client, email, kept))["__typename"] == "SignUpPayload"

    assert (await log_in(client, email, tried))["__typename"] == outcome


@pytest.mark.parametrize(
    "password", ["x" * 1_000_000, "\0" * 170_000, "\ufdfa" * 170_000, "e" + "\u0301" * 170_000]
)
async def test_a5_a_megabyte_is_no_password_and_keeps_nobody_waiting(service, client, ann, password):
    async with oracle.unharmed(service), asyncio.timeout(10):
        assert (await sign_up(client, address(), password))["__typename"] == INVALID
        assert (await log_in(client, ann.email, password))["__typename"] == REFUSED


@pytest.mark.parametrize("password", ["\ud800" * 8, "correct\udfff horse"], ids=ascii)
async def test_a5_half_a_character_is_no_password(service, client, ann, password):
    async with oracle.unharmed(service):
        for mutation, email in ((SIGN_UP, address()), (LOG_IN, ann.email)):
            answer = await client.execute(mutation, input={"email": email, "password": password})
            assert "session" not in str(answer)
            assert "INTERNAL_SERVER_ERROR" not in str(answer)

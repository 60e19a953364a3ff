"""Email addresses of strangers: one mailbox is one account, however it is written; what only looks alike is another."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from tests.accounts import log_in, sign_up

TAKEN, SIGNED_UP, INVALID = "EmailTakenError", "SignUpPayload", "InvalidInputError"


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("ann-{}@example.com", "ANN-{}@Example.COM", TAKEN),
        ("ann-{}@example.com", " ann-{}@example.com\t", TAKEN),
        ("ann-{}\u00e9@example.com", "ann-{}e\u0301@example.com", TAKEN),
        ("ann-{}@b\u00fccher.example", "ann-{}@xn--bcher-kva.example", TAKEN),
        ("ann-{}@stra\u00dfe.example", "ANN-{}@STRASSE.example", TAKEN),
        ("ann-{}@example.com", "ann-{}@\uff45xample.com", TAKEN),
        ("ann-{}@example.com", "ann-{}@example\u3002com", TAKEN),
        ("ann-{}@example.com", "ann-{}@example.com.", INVALID),
        ("ann-{}@example.com", "ann-{}@example..com", INVALID),
        ("ann-{}@example.com", "ann-{}\0@example.com", INVALID),
        ("ann-{}@example.com", "ann-{}@example.com\r\nBcc: x@example.com", INVALID),
        ("ann-{}@example.com", "ann-{}\u200b@example.com", INVALID),
        ("ann-{}@example.com", "\u202eann-{}@example.com", INVALID),
        ("ann-{}@example.com", "ann-{}+photos@example.com", SIGNED_UP),
        ("ann-{}@example.com", "a.nn-{}@example.com", SIGNED_UP),
        ("ann-{}@example.com", "\u0430nn-{}@example.com", SIGNED_UP),
        ("ann-{}@example.com", "ann-{}@ex\u0430mple.com", SIGNED_UP),
    ],
    ids=ascii,
)
async def test_a6_one_mailbox_is_one_account(client, first, second, outcome):
    name = secrets.token_hex(6)
    assert (await sign_up(client, first.format(name)))["__typename"] == SIGNED_UP

    assert (await sign_up(client, second.format(name)))["__typename"] == outcome
    logged_in = await log_in(client, second.format(name))
    assert (logged_in["__typename"] == "LogInPayload") == (outcome in (TAKEN, SIGNED_UP))


async def test_a6_of_many_sign_ups_at_once_exactly_one_wins(client):
    name = secrets.token_hex(6)
    spellings = [
        f"ann-{name}@example.com",
        f"ANN-{name}@example.com",
        f"ann-{name}@EXAMPLE.com",
        f" ann-{name}@example.com",
    ]

    answers = await asyncio.gather(*(sign_up(client, email) for email in spellings * 2))

    assert sorted(answer["__typename"] for answer in answers) == [TAKEN] * 7 + [SIGNED_UP]

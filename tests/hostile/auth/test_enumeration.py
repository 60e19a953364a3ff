"""Whether an address has an account is not told by logging in: not in words, and not in work."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from statistics import median

import pytest
from pymongo import AsyncMongoClient

from tests.accounts import LOG_IN, log_in
from tests.hostile import timing
from tests.service import Unaltered

WRONG = "not the password"
TRIES = 8
"""Two below what an account may fail."""


@pytest.fixture(scope="module")
def service(mongo_uri, xdist_worker, tmp_path_factory):
    """Where a password costs what it costs."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"enumeration_{xdist_worker}"}
    with Unaltered(tmp_path_factory.mktemp("enumeration"), workers=0, **settings) as running:
        yield running


def address():
    return f"nobody-{secrets.token_hex(6)}@example.com"


async def answer(client, email, password=WRONG):
    """Status, headers and body as they are."""
    body = {"query": LOG_IN, "variables": {"input": {"email": email, "password": password}}}
    async with client.http.post("/graphql", json=body) as response:
        headers = {
            name: value for name, value in response.headers.items() if name not in ("Date", "X-Request-ID")
        }
        return response.status, headers, await response.text()


async def test_a2_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, ann):
    wrong = await answer(client, ann.email)

    assert "InvalidCredentialsError" in wrong[2]
    assert await answer(client, address()) == wrong
    assert await answer(client, "no address") == wrong
    assert await answer(client, address(), "x" * 5_000) == wrong
    assert await answer(client, ann.email, "") == wrong


def processor_seconds(process_id):
    """What the process has used so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def worked(service, client, emails):
    """Processor time for a log-in with each address."""
    before = processor_seconds(service.processes["serve"].pid)
    for email in emails:
        assert (await log_in(client, email, WRONG))["__typename"] == "InvalidCredentialsError"
    return processor_seconds(service.processes["serve"].pid) - before


async def test_a2_a_password_is_hashed_for_an_unknown_address_too(service, client, ann):
    await log_in(client, address())  # the first one makes the hash that nobody has

    known = await worked(service, client, [ann.email] * TRIES)
    unknown = await worked(service, client, [address() for _ in range(TRIES)])

    assert unknown > known / 2


@pytest.mark.long
async def test_a2_over_200_tries_the_medians_are_within_5_percent(service, client, ann, mongo_uri):
    async with AsyncMongoClient(mongo_uri) as mongo:
        rates = mongo[service.environment["MONGODB_DATABASE"]].rates
        known, unknown = await timing.log_ins(client, ann.email, rates)

    print(timing.line("log-in", known, unknown))  # noqa: T201 - the figure
    assert abs(median(unknown) / median(known) - 1) < 0.05

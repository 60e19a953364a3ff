"""Guessing passwords is bounded, however the guesses are sent."""

from __future__ import annotations

import asyncio
import hashlib
import secrets

import pytest
from pymongo import AsyncMongoClient

from tests.accounts import change_password, delete_account, is_signed_in, log_in, sign_up
from tests.client import PASSWORD, Client, Person
from tests.service import Service

REFUSED, LIMITED = "InvalidCredentialsError", "RateLimitedError"


@pytest.fixture(scope="module")
def behind_proxy(mongo_uri, xdist_worker, tmp_path_factory):
    """Two processes that believe in this machine's `X-Forwarded-For`."""
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"guessing_{xdist_worker}",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with Service(tmp_path_factory.mktemp("guessing"), workers=0, **settings) as service:
        yield service.url, service.serve_also("serve-2")


@pytest.fixture(autouse=True)
async def kept(mongo_uri, xdist_worker, behind_proxy):
    """What the two processes keep; nothing was counted yet."""
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as mongo:
        database = mongo[f"guessing_{xdist_worker}"]
        await database.rates.delete_many({})
        yield database


@pytest.fixture
async def client(behind_proxy):
    async with Client(behind_proxy[0]) as anonymous:
        yield anonymous


@pytest.fixture
async def ann(behind_proxy):
    async with Person.signed_up(behind_proxy[0]) as person:
        yield person


@pytest.fixture
async def ben(behind_proxy):
    async with Person.signed_up(behind_proxy[0]) as person:
        yield person


def address():
    return f"nobody-{secrets.token_hex(6)}@example.com"


async def by(client, forwarded_for, email, password):
    """A log-in from an address, as the proxy reports it: the member of the union."""
    query = f'mutation {{ logIn(input: {{email: "{email}", password: "{password}"}}) {{ __typename }} }}'
    headers = {"X-Forwarded-For": forwarded_for}
    async with client.http.post("/graphql", json={"query": query}, headers=headers) as response:
        return (await response.json())["data"]["logIn"]["__typename"]


async def names(tries):
    return [outcome["__typename"] for outcome in await asyncio.gather(*tries)]


async def test_g3_twenty_guesses_in_one_document_count_as_twenty(client, ann):
    guesses = " ".join(
        f'guess{n}: logIn(input: {{email: "{ann.email}", password: "guess number {n}"}}) '
        "{ __typename ... on RateLimitedError { message retryAfterSeconds } }"
        for n in range(20)
    )

    outcomes = (await client.data(f"mutation {{ {guesses} }}")).values()

    assert [outcome["__typename"] for outcome in outcomes] == [REFUSED] * 10 + [LIMITED] * 10
    assert all(1 <= outcome["retryAfterSeconds"] <= 900 for outcome in list(outcomes)[10:])


@pytest.mark.parametrize("exists", [True, False], ids=["an account", "an unknown address"])
async def test_a3_fifty_guesses_at_once_are_ten(client, ann, exists):
    email = ann.email if exists else address()

    outcomes = await names(log_in(client, email, f"guess number {n}") for n in range(50))

    assert sorted(outcomes) == [REFUSED] * 10 + [LIMITED] * 40


async def test_a3_then_not_even_the_password_itself_is_looked_at(client, ann):
    await names(log_in(client, ann.email, "wrong") for _ in range(10))

    assert (await log_in(client, ann.email.upper(), PASSWORD))["__typename"] == LIMITED
    assert await is_signed_in(client, ann.token)


async def test_a3_the_password_itself_forgives_the_guesses_before_it(client, ann):
    for _ in range(2):
        await names(log_in(client, ann.email, "wrong") for _ in range(9))
        assert (await log_in(client, ann.email))["__typename"] == "LogInPayload"


async def test_a3_other_accounts_are_not_touched(client, ann, ben):
    await names(log_in(client, ann.email, "wrong") for _ in range(11))

    assert (await log_in(client, ben.email))["__typename"] == "LogInPayload"


@pytest.mark.parametrize(
    "guess",
    [
        lambda person: change_password(person, "wrong", "another horse"),
        lambda person: delete_account(person, "wrong"),
    ],
)
async def test_a3_a_viewer_guesses_no_more_often(ann, guess):
    outcomes = await names(guess(ann) for _ in range(15))

    assert sorted(outcomes) == [REFUSED] * 10 + [LIMITED] * 5
    assert (await delete_account(ann, PASSWORD))["__typename"] == LIMITED


async def test_a3_guesses_count_in_whichever_process_they_are(behind_proxy, client, ann):
    async with Client(behind_proxy[1]) as elsewhere:
        outcomes = await names(
            log_in(guesser, ann.email, "wrong") for guesser in (client, elsewhere) for _ in range(10)
        )

    assert sorted(outcomes) == [REFUSED] * 10 + [LIMITED] * 10


async def count_so_far(kept, limit, times):
    """As if that often had been counted already."""
    await kept.rates.update_one({"_id": {"$regex": f"^{limit}:"}}, {"$set": {"times": times}})


async def test_a3_one_client_fails_a_hundred_times_over_all_accounts(client, kept):
    assert await by(client, "198.51.100.7", address(), "wrong") == REFUSED
    await count_so_far(kept, "client-failures", 99)

    outcomes = [await by(client, "198.51.100.7", address(), "wrong") for _ in range(2)]

    assert outcomes == [REFUSED, LIMITED]
    assert await by(client, "198.51.100.8", address(), "wrong") == REFUSED


async def test_a3_guesses_from_fifty_addresses_are_ten(client, ann):
    outcomes = await asyncio.gather(
        *(by(client, f"198.51.100.{n}", ann.email, f"guess {n}") for n in range(50))
    )

    assert sorted(outcomes) == [REFUSED] * 10 + [LIMITED] * 40


async def test_a3_an_address_in_front_of_the_proxys_own_is_not_believed(client, kept):
    await by(client, "203.0.113.1, 198.51.100.7", address(), "wrong")
    await count_so_far(kept, "client-failures", 100)

    for forged in ("203.0.113.2", "203.0.113.3, 203.0.113.4", "unknown", "127.0.0.1", "::ffff:203.0.113.5"):
        assert await by(client, f"{forged}, 198.51.100.7", address(), "wrong") == LIMITED


async def test_a3_who_guesses_keeps_nobody_from_signing_up(client, kept):
    await log_in(client, address())
    await count_so_far(kept, "client-failures", 100)

    assert await names([log_in(client, address()), sign_up(client, address())]) == [LIMITED, "SignUpPayload"]


async def test_a3_a_hundred_addresses_that_are_taken_are_enough(client, ann, kept):
    assert (await sign_up(client, ann.email))["__typename"] == "EmailTakenError"
    await count_so_far(kept, "client-taken-emails", 99)

    assert await names([sign_up(client, ann.email)]) == ["EmailTakenError"]
    assert await names([sign_up(client, address())]) == [LIMITED]


async def test_a3_sign_ups_of_one_client_are_bounded(client, kept):
    await sign_up(client, address())
    await count_so_far(kept, "client-sign-ups", 999)

    outcomes = [(await sign_up(client, address()))["__typename"] for _ in range(2)]

    assert outcomes == ["SignUpPayload", LIMITED]


async def test_a3_no_counter_shows_whose_it_is(client, kept):
    email = address()
    await log_in(client, email)

    assert email not in str(await kept.rates.find().to_list())


async def test_a3_a_client_is_not_believed_about_its_own_address(service, mongo_uri):
    async with Client(service.url) as liar:
        await by(liar, "198.51.100.9", address(), "wrong")

    async with AsyncMongoClient(mongo_uri) as mongo:
        counters = await mongo[service.environment["MONGODB_DATABASE"]].rates.distinct("_id")
    counted = [hashlib.sha256(client).hexdigest() for client in (b"127.0.0.1", b"198.51.100.9")]
    assert [f"client-failures:{name}" in counters for name in counted] == [True, False]

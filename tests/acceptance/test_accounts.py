"""A stranger signs up, logs in and is known."""

from __future__ import annotations

import asyncio
import secrets

import jwt
import pytest

from tests import pictures
from tests.client import PASSWORD, SIGN_UP, Client

LOG_IN = """
mutation ($input: LogInInput!) {
  logIn(input: $input) {
    __typename
    ... on LogInPayload {
      session { accessToken accessTokenExpiresAt refreshToken viewer { id email createdAt usage { imageCount } } }
    }
    ... on Error { message }
  }
}
"""
VIEWER = "{ viewer { id email createdAt usage { imageCount storedBytes quotaBytes } } }"


def address():
    return f"Person-{secrets.token_hex(6)}@Example.com"


async def sign_up(client, email, password=PASSWORD):
    return (await client.data(SIGN_UP, input={"email": email, "password": password}))["signUp"]


async def log_in(client, email, password=PASSWORD):
    return (await client.data(LOG_IN, input={"email": email, "password": password}))["logIn"]


async def test_who_signs_up_is_signed_in(client):
    email = address()

    session = (await sign_up(client, email))["session"]

    client.token = session["accessToken"]
    viewer = (await client.data(VIEWER))["viewer"]
    assert (viewer["id"], viewer["email"]) == (session["viewer"]["id"], email.lower())
    assert viewer["usage"] == {"imageCount": 0, "storedBytes": 0, "quotaBytes": None}


async def test_who_signed_up_logs_in_with_the_address_in_any_case(client):
    email = address()
    signed_up = await sign_up(client, email)

    logged_in = await log_in(client, email.upper())

    viewer = logged_in["session"]["viewer"]
    assert (viewer["id"], viewer["email"]) == (signed_up["session"]["viewer"]["id"], email.lower())


async def test_who_logs_in_sees_at_once_what_is_kept_for_them(client, ann):
    await ann.upload(pictures.jpeg(seed=40))

    session = (await log_in(client, ann.email))["session"]

    assert session["viewer"]["usage"] == {"imageCount": 1}


async def test_an_address_signs_up_once_even_if_twice_at_the_same_time(client):
    email = address()

    answers = await asyncio.gather(sign_up(client, email), sign_up(client, email.upper()))

    assert sorted(answer["__typename"] for answer in answers) == ["EmailTakenError", "SignUpPayload"]


@pytest.mark.parametrize(
    ("email", "password"),
    [("no address", PASSWORD), ("", PASSWORD), ("a@b.example", "short"), ("a@b.example", "x" * 1025)],
)
async def test_what_cannot_be_an_account_is_refused_with_the_field(client, email, password):
    refused = await sign_up(client, email, password)

    assert refused["__typename"] == "InvalidInputError"


@pytest.mark.parametrize("mutation", [sign_up, log_in])
async def test_an_endless_address_costs_nothing(client, mutation):
    endless = "a" + "\u0301\u0316" * 60_000 + "@b.co"

    refused = await asyncio.wait_for(mutation(client, endless), 10)

    assert refused["__typename"] in ("InvalidInputError", "InvalidCredentialsError")


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, ann):
    wrong = await log_in(client, ann.email, "not the password")
    unknown = await log_in(client, address())
    nonsense = await log_in(client, "no address", "x" * 5000)

    assert wrong == unknown == nonsense
    assert wrong["__typename"] == "InvalidCredentialsError"


async def test_a_password_is_the_same_however_a_keyboard_composes_it(client):
    email = address()
    await sign_up(client, email, "caf\u00e9 au lait")

    assert (await log_in(client, email, "cafe\u0301 au lait"))["__typename"] == "LogInPayload"


@pytest.mark.parametrize(
    "field", ["viewer { id }", "gallery { totalCount }", 'image(id: "x") { id }', 'node(id: "x") { id }']
)
async def test_nobody_is_asked_to_sign_in_at_each_field_that_needs_a_viewer(client, field):
    answer = await client.execute(f"{{ service {{ version }} {field} }}")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert answer["data"]["service"]["version"]


@pytest.mark.parametrize("token", ["nonsense", "", "a.b.c", "x" * 100_000])
async def test_a_bad_token_is_refused_before_anything_runs(client, token):
    headers = {"Authorization": f"Bearer {token}"}
    async with client.http.post(
        "/graphql", json={"query": "{ service { version } }"}, headers=headers
    ) as response:
        answer = await response.json()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "data" not in answer


async def test_a_refresh_token_is_no_access_token(client):
    session = (await sign_up(client, address()))["session"]
    client.token = session["refreshToken"]

    answer = await client.execute(VIEWER)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_that_somebody_else_signed_is_refused(service, ann):
    claims = jwt.decode(ann.token, options={"verify_signature": False})
    for forged in (jwt.encode(claims, "x" * 32, "HS256"), jwt.encode(claims, None, "none")):
        async with Client(service.url, forged) as forger:
            assert (await forger.execute(VIEWER))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

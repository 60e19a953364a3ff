"""A stranger signs up, logs in and is known."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from tests import pictures
from tests.client import PASSWORD, SIGN_UP

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


@pytest.mark.parametrize(
    "field", ["viewer { id }", "gallery { totalCount }", 'image(id: "x") { id }', 'node(id: "x") { id }']
)
async def test_nobody_is_asked_to_sign_in_at_each_field_that_needs_a_viewer(client, field):
    answer = await client.execute(f"{{ service {{ version }} {field} }}")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert answer["data"]["service"]["version"]


async def test_a_refresh_token_is_no_access_token(client):
    session = (await sign_up(client, address()))["session"]
    client.token = session["refreshToken"]

    answer = await client.execute(VIEWER)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

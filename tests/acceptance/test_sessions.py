"""A session goes on with fresh tokens, ends when its owner says so, and ends when somebody stole it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import jwt
import pytest
from beanie import PydanticObjectId

from tests.accounts import is_signed_in, log_in, log_out, logged_in, refresh
from tests.client import Client

REFUSED = "InvalidCredentialsError"


@pytest.fixture
async def session(client, ann):
    return await logged_in(client, ann.email)


def session_id(session):
    claims = jwt.decode(session["accessToken"], options={"verify_signature": False})
    return PydanticObjectId(claims["sid"])


async def let_pass(kept, session, seconds):
    """Time passes for the rotations of a session."""
    document = await kept.sessions.find_one({"_id": session_id(session)})
    for rotation in document["rotations"]:
        rotation["at"] -= timedelta(seconds=seconds)
    await kept.sessions.replace_one({"_id": document["_id"]}, document)


async def test_a_refreshed_session_goes_on_with_other_tokens(client, ann, session):
    renewed = (await refresh(client, session["refreshToken"]))["session"]

    assert renewed["viewer"]["id"] == ann.id
    assert session_id(renewed) == session_id(session)
    assert renewed["refreshToken"] != session["refreshToken"]
    assert await is_signed_in(client, renewed["accessToken"])
    assert await is_signed_in(client, session["accessToken"])


async def test_a_session_is_refreshed_again_and_again(client, session):
    for _ in range(40):
        session = (await refresh(client, session["refreshToken"]))["session"]

    assert await is_signed_in(client, session["accessToken"])


async def test_who_lost_the_answer_gets_the_same_refresh_token_once_more(client, session):
    first, second = [(await refresh(client, session["refreshToken"]))["session"] for _ in range(2)]
    third = (await refresh(client, second["refreshToken"]))["session"]
    late = (await refresh(client, session["refreshToken"]))["session"]

    assert first["refreshToken"] == second["refreshToken"] == late["refreshToken"]
    assert third["refreshToken"] != first["refreshToken"]
    assert await is_signed_in(client, late["accessToken"])


async def test_many_who_refresh_at_once_get_the_same(client, kept, session):
    answers = await asyncio.gather(*(refresh(client, session["refreshToken"]) for _ in range(20)))

    assert len({answer["session"]["refreshToken"] for answer in answers}) == 1
    document = await kept.sessions.find_one({"_id": session_id(session)})
    assert [rotation["successor"]["id"] for rotation in document["rotations"]] == [document["refresh_id"]]


async def test_nine_seconds_later_it_is_still_the_same(client, kept, session):
    first = (await refresh(client, session["refreshToken"]))["session"]
    await let_pass(kept, session, 9)

    assert (await refresh(client, session["refreshToken"]))["session"]["refreshToken"] == first[
        "refreshToken"
    ]


async def test_a7_a_token_that_is_used_again_later_ends_its_session(client, kept, session):
    renewed = (await refresh(client, session["refreshToken"]))["session"]
    await let_pass(kept, session, 11)

    stolen = await refresh(client, session["refreshToken"])

    assert (stolen["__typename"], "Log in again" in stolen["message"]) == (REFUSED, True)
    assert not await is_signed_in(client, renewed["accessToken"])
    assert not await is_signed_in(client, session["accessToken"])
    assert (await refresh(client, renewed["refreshToken"]))["__typename"] == REFUSED


async def test_other_sessions_of_the_user_are_not_touched_by_it(client, kept, ann, session):
    await refresh(client, session["refreshToken"])
    await let_pass(kept, session, 11)
    await refresh(client, session["refreshToken"])

    assert await is_signed_in(client, ann.token)


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 100_000])
@pytest.mark.parametrize("mutation", [refresh, log_out])
async def test_what_is_no_refresh_token_is_refused(client, mutation, token):
    refused = await mutation(client, token)

    assert (refused["__typename"], "Log in again" in refused["message"]) == (REFUSED, True)


@pytest.mark.parametrize("mutation", [refresh, log_out])
async def test_an_access_token_is_no_refresh_token(client, session, mutation):
    assert (await mutation(client, session["accessToken"]))["__typename"] == REFUSED
    assert await is_signed_in(client, session["accessToken"])


async def test_a_forged_refresh_token_is_refused(client, session):
    claims = jwt.decode(session["refreshToken"], options={"verify_signature": False})

    assert (await refresh(client, jwt.encode(claims, "x" * 32, "HS256")))["__typename"] == REFUSED


async def test_a_session_that_has_run_out_is_refused(client, kept, session):
    await kept.sessions.delete_one({"_id": session_id(session)})  # as MongoDB does on the day

    assert (await refresh(client, session["refreshToken"]))["__typename"] == REFUSED


async def test_who_logs_out_is_out_at_once_and_needs_no_access_token(client, ann, session):
    out = await log_out(client, session["refreshToken"])

    assert out == {"__typename": "LogOutPayload", "revokedCount": 1}
    assert not await is_signed_in(client, session["accessToken"])
    assert (await refresh(client, session["refreshToken"]))["__typename"] == REFUSED
    assert (await log_out(client, session["refreshToken"]))["__typename"] == REFUSED
    assert await is_signed_in(client, ann.token)


async def test_a7_who_logs_out_everywhere_ends_every_session_of_theirs_alone(client, ann, ben, session):
    out = await log_out(client, session["refreshToken"], everywhere=True)

    assert out["revokedCount"] == 2
    assert not await is_signed_in(client, session["accessToken"])
    assert not await is_signed_in(client, ann.token)
    assert await is_signed_in(client, ben.token)


async def test_a_token_that_was_just_spent_logs_out_too(client, session):
    renewed = (await refresh(client, session["refreshToken"]))["session"]

    assert (await log_out(client, session["refreshToken"]))["revokedCount"] == 1
    assert not await is_signed_in(client, renewed["accessToken"])


async def test_a_token_that_was_spent_long_ago_is_refused(client, kept, session):
    await refresh(client, session["refreshToken"])
    await let_pass(kept, session, 11)

    assert (await log_out(client, session["refreshToken"]))["__typename"] == REFUSED


async def test_without_a_refresh_token_the_session_of_the_access_token_ends(client, service, ann, session):
    async with Client(service.url, session["accessToken"]) as bearer:
        assert await log_out(bearer) == {"__typename": "LogOutPayload", "revokedCount": 1}

    assert not await is_signed_in(client, session["accessToken"])
    assert await is_signed_in(client, ann.token)
    assert (await log_out(client))["__typename"] == REFUSED


async def test_who_logged_out_logs_in_again(client, ann, session):
    await log_out(client, session["refreshToken"], everywhere=True)

    assert (await log_in(client, ann.email))["__typename"] == "LogInPayload"

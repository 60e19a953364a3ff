"""A new password ends what the old one began; a deleted account leaves nobody signed in."""

from __future__ import annotations

import asyncio

import pytest
from bson import ObjectId

from resolvers import ids
from tests import pictures
from tests.accounts import (
    change_password,
    delete_account,
    is_signed_in,
    log_in,
    log_out,
    logged_in,
    refresh,
    sign_up,
)
from tests.client import PASSWORD, Client

MEBIBYTE = 2**20
NEW = "another horse entirely"
PURGED_WITHIN_SECONDS = 30
REFUSED = "InvalidCredentialsError"


async def test_a7_a_new_password_ends_every_session_and_opens_one(client, ann):
    other = await logged_in(client, ann.email)

    changed = await change_password(ann, PASSWORD, NEW)

    assert changed["session"]["viewer"]["id"] == ann.id
    assert await is_signed_in(client, changed["session"]["accessToken"])
    assert not await is_signed_in(client, ann.token)
    assert not await is_signed_in(client, other["accessToken"])
    assert (await refresh(client, other["refreshToken"]))["__typename"] == REFUSED
    assert (await refresh(client, changed["session"]["refreshToken"]))["session"]


async def test_from_then_on_the_new_password_counts(client, ann):
    await change_password(ann, PASSWORD, NEW)

    assert (await log_in(client, ann.email, PASSWORD))["__typename"] == REFUSED
    assert (await log_in(client, ann.email, NEW))["__typename"] == "LogInPayload"


async def test_without_the_current_password_nothing_changes(client, ann):
    refused = await change_password(ann, "not the password", NEW)

    assert refused == {"__typename": REFUSED, "message": "The current password is wrong."}
    assert await is_signed_in(client, ann.token)
    assert (await log_in(client, ann.email))["__typename"] == "LogInPayload"


@pytest.mark.parametrize("new", ["", "short", "x" * 1025])
async def test_a_new_password_that_is_none_is_refused_with_the_field(ann, new):
    refused = await change_password(ann, PASSWORD, new)

    assert (refused["__typename"], refused["field"]) == ("InvalidInputError", ["newPassword"])


@pytest.mark.parametrize("mutation", [lambda client: change_password(client, PASSWORD, NEW), delete_account])
async def test_nobody_has_no_password_and_no_account(client, mutation):
    with pytest.raises(AssertionError, match="UNAUTHENTICATED"):
        await mutation(client)


@pytest.mark.parametrize("leave", [lambda person: change_password(person, PASSWORD, NEW), delete_account])
async def test_a_log_in_that_races_with_it_leaves_no_session_under_the_old_password(client, ann, leave):
    log_ins = [log_in(client, ann.email) for _ in range(8)]

    _, *answers = await asyncio.gather(leave(ann), *log_ins)

    opened = [answer["session"]["accessToken"] for answer in answers if "session" in answer]
    assert [token for token in opened if await is_signed_in(client, token)] == []


async def test_a7_who_deletes_their_account_is_gone_with_every_session(client, ann):
    other = await logged_in(client, ann.email)

    deleted = await delete_account(ann)

    assert deleted == {"__typename": "DeleteAccountPayload", "deletedUserId": ann.id}
    assert not await is_signed_in(client, ann.token)
    assert not await is_signed_in(client, other["accessToken"])
    assert (await refresh(client, other["refreshToken"]))["__typename"] == REFUSED
    assert (await log_in(client, ann.email))["__typename"] == REFUSED


async def test_what_they_kept_goes_too_and_their_leaving_is_noted(kept, ann):
    user_id = ObjectId(ids.decode(ann.id, "User"))
    await ann.developed(pictures.jpeg(seed=62))

    await delete_account(ann)

    assert (await kept.departed_users.find_one({"_id": user_id}))["departed_at"]
    assert await kept.users.find_one({"_id": user_id}) is None
    async with asyncio.timeout(PURGED_WITHIN_SECONDS):
        while await kept.images.find_one({"owner_id": user_id}):  # noqa: ASYNC110 - the worker has no event for it
            await asyncio.sleep(0.05)
    assert await kept.work.count_documents({"kind": "purge_account", "owner_id": user_id})  # once more, later


@pytest.mark.parametrize("leave", [delete_account, log_out])
async def test_what_they_were_uploading_at_that_moment_is_refused_and_forgotten(kept, ann, leave):
    begun, go_on = asyncio.Event(), asyncio.Event()
    content = pictures.jpeg(seed=63) + bytes(2 * MEBIBYTE)
    known = await kept["fs.chunks"].distinct("files_id")

    async def slowly():
        yield content[:MEBIBYTE]
        begun.set()
        await go_on.wait()
        yield content[MEBIBYTE:]

    uploading = asyncio.create_task(ann.upload(slowly()))
    await begun.wait()
    while not (chunk := await kept["fs.chunks"].find_one({"files_id": {"$nin": known}})):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await leave(ann)
    go_on.set()

    with pytest.raises(AssertionError, match="UNAUTHENTICATED"):
        await uploading
    assert await kept.images.find_one({"owner_id": ObjectId(ids.decode(ann.id, "User"))}) is None
    assert await kept["fs.chunks"].find_one({"files_id": chunk["files_id"]}) is None


async def test_the_address_is_free_for_somebody_new(client, ann):
    await delete_account(ann)

    newcomer = (await sign_up(client, ann.email))["session"]

    assert newcomer["viewer"]["id"] != ann.id
    assert await is_signed_in(client, newcomer["accessToken"])
    assert not await is_signed_in(client, ann.token)


async def test_without_the_password_nobody_is_deleted(client, ann):
    refused = await delete_account(ann, "not the password")

    assert refused == {"__typename": REFUSED, "message": "The password is wrong."}
    assert await is_signed_in(client, ann.token)


async def test_two_who_delete_at_once_delete_one_account(service, ann):
    async with Client(service.url, ann.token) as again:
        answers = await asyncio.gather(delete_account(ann), delete_account(again))

    assert sorted(answer["__typename"] for answer in answers) == ["DeleteAccountPayload", REFUSED]

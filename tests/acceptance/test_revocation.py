"""An end of a session is in force in every process, and for what is already open."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests import pictures
from tests.accounts import (
    CHANGE_PASSWORD,
    LOG_OUT,
    change_password,
    delete_account,
    is_signed_in,
    log_out,
    logged_in,
)
from tests.client import PASSWORD, PROGRESS, Client, Person
from tests.service import Service

WITHIN_SECONDS = 5


@pytest.fixture(scope="module")
def processes(mongo_uri, xdist_worker, tmp_path_factory):
    """Two API processes on one database, and no worker: an upload is watched without an end."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"revoked_{xdist_worker}"}
    with Service(tmp_path_factory.mktemp("revoked"), workers=0, **settings) as service:
        yield service.url, service.serve_also("serve-2")


@pytest.fixture
def here(processes):
    return processes[0]


@pytest.fixture
def there(processes):
    return processes[1]


@pytest.fixture
async def ann(here):
    async with Person.signed_up(here) as person:
        yield person


@asynccontextmanager
async def at(url, token):
    async with Client(url, token) as client:
        yield client


async def until_signed_out(client, token):
    async with asyncio.timeout(WITHIN_SECONDS):
        while await is_signed_in(client, token):  # noqa: ASYNC110 - the other process has no event for it
            await asyncio.sleep(0.01)


async def closed(socket):
    """The code that the socket is closed with, after whatever else comes."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not socket.closed:
            await socket.receive()
    return socket.close_code


async def watch(socket, image):
    await socket.send_json(
        {"type": "subscribe", "id": "1", "payload": {"query": PROGRESS, "variables": {"id": image}}}
    )
    assert (await socket.receive_json(timeout=10))["type"] == "next"


@pytest.mark.parametrize(
    "end",
    [
        log_out,
        lambda person: log_out(person, everywhere=True),
        lambda person: change_password(person, PASSWORD, "another horse"),
        delete_account,
    ],
    ids=["log out", "log out everywhere", "change password", "delete account"],
)
async def test_a7_an_end_reaches_every_process(ann, here, there, end):
    async with at(there, None) as elsewhere:
        assert await is_signed_in(elsewhere, ann.token)

        await end(ann)

        assert not await is_signed_in(ann, ann.token)
        await until_signed_out(elsewhere, ann.token)


async def test_a_process_that_starts_later_knows_it(mongo_uri, xdist_worker, tmp_path):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"later_{xdist_worker}"}
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person:
            await log_out(person)
            async with at(service.serve_also("serve-2"), None) as elsewhere:
                assert not await is_signed_in(elsewhere, person.token)


@pytest.mark.parametrize("place", ["here", "there"])
async def test_its_sockets_are_closed_wherever_they_are(ann, request, place):
    image = (await ann.upload(pictures.jpeg(seed=60)))["image"]["id"]
    async with at(request.getfixturevalue(place), ann.token) as client, client.socket() as socket:
        await watch(socket, image)

        await log_out(ann)

        assert await closed(socket) == 4403


@pytest.mark.parametrize("place", ["here", "there"])
async def test_its_event_streams_end_with_an_error(ann, request, place):
    image = (await ann.upload(pictures.jpeg(seed=61)))["image"]["id"]
    body = {"query": PROGRESS, "variables": {"id": image}}
    async with at(request.getfixturevalue(place), ann.token) as client:
        headers = {**client.headers, "Accept": "text/event-stream"}
        async with client.http.post("/graphql", json=body, headers=headers) as response:
            await response.content.readuntil(b"STORED")

            await log_out(ann)

            async with asyncio.timeout(WITHIN_SECONDS):
                rest = await response.content.read()

    assert b"UNAUTHENTICATED" in rest
    assert rest.endswith(b"event: complete\ndata:\n\n")


async def test_sockets_of_other_sessions_stay_open(ann, here):
    other = await logged_in(ann, ann.email)
    async with at(here, other["accessToken"]) as client, client.socket() as socket:
        await log_out(ann)
        await socket.send_json({"type": "ping"})

        assert await socket.receive_json(timeout=10) == {"type": "pong"}


async def test_a_socket_that_took_a_token_of_another_session_lives_with_that_one(ann, here):
    other = await logged_in(ann, ann.email)
    async with ann.socket() as socket:
        payload = {"authorization": f"Bearer {other['accessToken']}"}
        await socket.send_json({"type": "ping", "payload": payload})
        assert await socket.receive_json(timeout=10) == {"type": "pong"}

        await log_out(ann)
        await socket.send_json({"type": "ping"})
        assert await socket.receive_json(timeout=10) == {"type": "pong"}

        async with at(here, None) as nobody:
            await log_out(nobody, other["refreshToken"])
        assert await closed(socket) == 4403


@pytest.mark.parametrize(
    ("mutation", "fields", "wanted"),
    [
        (LOG_OUT, {}, "LogOutPayload"),
        (
            CHANGE_PASSWORD,
            {"currentPassword": PASSWORD, "newPassword": "another horse"},
            "ChangePasswordPayload",
        ),
    ],
)
async def test_who_ends_a_session_over_its_own_socket_hears_the_answer_first(ann, mutation, fields, wanted):
    async with ann.socket() as socket:
        body = {"query": mutation, "variables": {"input": fields}}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": body})
        answer = await socket.receive_json(timeout=10)

        assert answer["payload"]["data"]["it"]["__typename"] == wanted
        assert await closed(socket) == 4403


async def test_who_changes_the_password_by_an_event_stream_hears_the_answer(ann):
    fields = {"currentPassword": PASSWORD, "newPassword": "another horse"}
    body = {"query": CHANGE_PASSWORD, "variables": {"input": fields}}
    headers = {**ann.headers, "Accept": "text/event-stream"}
    async with ann.http.post("/graphql", json=body, headers=headers) as response:
        answer = await response.text()

    assert "ChangePasswordPayload" in answer
    assert "UNAUTHENTICATED" not in answer

"""Whoever is signed out, runs out of time or is deleted, watches nothing any more: each field, each transport."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import jwt
import pytest

from auth import Tokens
from tests import pictures
from tests.acceptance import batches
from tests.accounts import delete_account, log_out
from tests.client import Client, Person
from tests.hostile.rights import asking
from tests.hostile.rights.test_ids import OPENS, SLOTS
from tests.service import Service

WITHIN_SECONDS = 5
FORBIDDEN = 4403
STREAMS = [field for field in asking.root_fields() if field.startswith("Subscription.")]
LASTS_SECONDS = 3


@pytest.fixture(scope="module")
def still(mongo_uri, xdist_worker, tmp_path_factory):
    """Nothing is ever developed: whoever watches, watches without an end."""
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"still_{xdist_worker}"}
    with Service(tmp_path_factory.mktemp("still"), workers=0, **settings) as service:
        yield service


@pytest.fixture
async def ann(still):
    async with Person.signed_up(still.url) as person:
        yield person


async def things(person):
    """What is watched, by the name that it has in OPENS."""
    batch = await batches.created(person, "1,Lamp,http://127.0.0.1:9/a.jpg")
    return {"image": (await person.upload(pictures.jpeg(seed=970)))["image"]["id"], "batch": batch["id"]}


def values(field, found):
    slot = next((slot for slot in SLOTS.values() if slot.field == field and str(slot) in OPENS), None)
    return asking.variables(field, slot.path, found[OPENS[str(slot)]]) if slot else {}


@asynccontextmanager
async def watching(client, field, given):
    """Begins to watch over a socket and by server-sent events; gives what waits for the end of both."""
    body = {"query": asking.operation(field, depth=1), "variables": given}
    headers = {**client.headers, "Accept": "text/event-stream"}
    async with client.socket() as socket, client.http.post("/graphql", json=body, headers=headers) as events:
        await socket.send_json({"type": "subscribe", "id": "1", "payload": body})
        if given:
            assert (await socket.receive_json(timeout=10))["type"] == "next"

        async def ended():
            while not socket.closed:
                await socket.receive()
            return socket.close_code, (await events.text())[-400:]

        yield ended


async def all_end(client, found, end):
    async with AsyncExitStack() as open_streams:
        waits = [
            await open_streams.enter_async_context(watching(client, field, values(field, found)))
            for field in STREAMS
        ]
        await end()
        async with asyncio.timeout(WITHIN_SECONDS):
            outcomes = await asyncio.gather(*(ended() for ended in waits))
    for code, rest in outcomes:
        assert code == FORBIDDEN
        assert "UNAUTHENTICATED" in rest
        assert rest.endswith("event: complete\ndata:\n\n")


@pytest.mark.parametrize("end", [log_out, delete_account], ids=["log out", "delete account"])
async def test_r11_every_stream_ends_with_its_session(ann, end):
    await all_end(ann, await things(ann), lambda: end(ann))


async def test_r11_every_stream_ends_with_its_token(ann, still):
    claims = jwt.decode(ann.token, options={"verify_signature": False})
    short = Tokens(still.secret, access_ttl_seconds=LASTS_SECONDS, refresh_ttl_seconds=9)
    found = await things(ann)
    token = short.access(claims["sub"], claims["sid"])
    async with Client(still.url, token.value) as client:
        await all_end(client, found, lambda: asyncio.sleep(LASTS_SECONDS))

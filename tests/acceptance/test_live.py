"""A picture is watched while it is developed."""

from __future__ import annotations

import asyncio

import pytest

from tests import pictures
from tests.acceptance.streams import TRANSPORTS, first
from tests.client import PASSWORD, PROGRESS, PROTOCOL, Client, Person
from tests.service import Service

STAGES = ["STORED", "PROBED", "VARIANTS_MADE", "READY"]


async def test_the_log_from_its_beginning_has_every_stage_once_and_in_order(ann):
    uploaded = await ann.upload(pictures.photo())

    events = await ann.progress(uploaded["image"]["id"], after=0)

    assert [(event["sequence"], event["stage"]) for event in events] == list(enumerate(STAGES, 1))
    assert events[-1]["image"]["state"] == "READY"


async def test_without_after_the_present_state_comes_first(ann):
    image = await ann.developed(pictures.jpeg(seed=10))

    events = await ann.progress(image["id"])

    assert [(event["sequence"], event["stage"]) for event in events] == [(4, "READY")]


@pytest.mark.parametrize(("after", "expected"), [(1, [2, 3, 4]), (3, [4]), (4, []), (99, [])])
async def test_a_stream_resumes_behind_after_and_completes(ann, after, expected):
    image = await ann.developed(pictures.jpeg(seed=11))

    events = await ann.progress(image["id"], after=after)

    assert [event["sequence"] for event in events] == expected


async def test_an_after_beyond_the_end_completes_when_the_work_ends(ann):
    uploaded = await ann.upload(pictures.photo(seed=3))

    assert await ann.progress(uploaded["image"]["id"], after=1000) == []


async def test_many_watchers_of_one_image_see_the_same(ann):
    uploaded = await ann.upload(pictures.photo(seed=1))

    streams = await asyncio.gather(*(ann.progress(uploaded["image"]["id"], after=0) for _ in range(10)))

    assert all([event["stage"] for event in events] == STAGES for events in streams)


async def test_a_picture_that_does_not_decode_fails_with_a_reason(ann):
    uploaded = await ann.upload(pictures.undecodable_png(), "photo.png")

    events = await ann.progress(uploaded["image"]["id"], after=0)

    assert [event["stage"] for event in events] == ["STORED", "FAILED"]
    assert events[-1]["image"]["failure"] == {"code": "CORRUPT_IMAGE"}


@pytest.mark.parametrize("after", [None, 0])
async def test_an_id_that_is_not_yours_is_not_found(ann, ben, after):
    theirs = (await ben.upload(pictures.jpeg(seed=13)))["image"]["id"]

    for image_id in (theirs, "garbage", "", ann.id):
        (answer,) = await ann.subscribe(PROGRESS, id=image_id, after=after)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]


async def test_a_negative_after_is_refused(ann):
    uploaded = await ann.upload(pictures.jpeg(seed=14))

    (answer,) = await ann.subscribe(PROGRESS, id=uploaded["image"]["id"], after=-1)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_nobody_may_connect_but_not_watch(client):
    (answer,) = await client.subscribe(PROGRESS, id="x")

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_bad_token_closes_the_socket(client):
    async with client.http.ws_connect("/graphql", protocols=[PROTOCOL]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"authorization": "Bearer nonsense"}})
        await socket.receive()

    assert socket.close_code == 4403


async def test_a_query_runs_over_the_socket(ann):
    (payload,) = await ann.subscribe("{ viewer { id } }")

    assert payload["data"] == {"viewer": {"id": ann.id}}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("after", "expected"), [(None, [4]), (0, [1, 2, 3, 4]), (2, [3, 4]), (4, [])])
async def test_every_transport_carries_the_same_stream(ann, transport, after, expected):
    image = await ann.developed(pictures.jpeg(seed=15))

    payloads = await first(ann, transport, 9, PROGRESS, id=image["id"], after=after)

    assert [payload["data"]["imageProgress"]["sequence"] for payload in payloads] == expected


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_every_transport_refuses_alike(ann, transport):
    (answer,) = await first(ann, transport, 9, PROGRESS, id="garbage")

    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_w3_a_socket_and_a_stream_end_with_their_token(mongo_uri, xdist_worker, tmp_path):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"short_{xdist_worker}",
        "ACCESS_TOKEN_TTL_SECONDS": "2",
    }
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person:
            uploaded = await person.upload(pictures.jpeg(seed=16))
            async with person.socket() as socket:
                payload = {"query": PROGRESS, "variables": {"id": uploaded["image"]["id"]}}
                await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
                assert (await socket.receive_json(timeout=10))["type"] == "next"
                await socket.receive(timeout=10)

    assert socket.close_code == 4403


async def test_w3_a_socket_goes_on_with_a_fresh_token(mongo_uri, xdist_worker, tmp_path):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"renewed_{xdist_worker}",
        "ACCESS_TOKEN_TTL_SECONDS": "4",
    }
    with Service(tmp_path, workers=0, **settings) as service:
        async with Person.signed_up(service.url) as person, person.socket() as socket:
            expires_at = asyncio.get_running_loop().time() + 4
            payload = {"query": "subscription { galleryChanges { kind } }"}
            await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
            await asyncio.sleep(2)
            person.token = await fresh_token(person)
            fresh = {"authorization": f"Bearer {person.token}"}
            await socket.send_json({"type": "ping", "payload": fresh})
            assert (await socket.receive_json(timeout=10))["type"] == "pong"
            await asyncio.sleep(expires_at + 0.5 - asyncio.get_running_loop().time())
            await person.upload(pictures.jpeg(seed=17))
            change = await socket.receive_json(timeout=10)
            await socket.receive(timeout=10)

    assert change["payload"]["data"]["galleryChanges"] == {"kind": "ADDED"}
    assert socket.close_code == 4403


async def fresh_token(person):
    log_in = "mutation ($input: LogInInput!) { logIn(input: $input) { ... on LogInPayload { session { accessToken } } } }"
    data = await person.data(log_in, input={"email": person.email, "password": PASSWORD})
    return data["logIn"]["session"]["accessToken"]


async def test_w12_a_stopping_service_closes_sockets_as_going_away(mongo_uri, xdist_worker, tmp_path):
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": f"stopping_{xdist_worker}"}
    with Service(tmp_path, workers=0, **settings) as service:
        async with Client(service.url) as client, client.socket() as socket:
            service.processes["serve"].terminate()
            await socket.receive(timeout=10)

    assert socket.close_code == 1001

from __future__ import annotations

import json

import pytest

from engine.sockets import GraphQLWebSocket, SocketBounds
from tests.engine import talk, toy
from tests.engine.sockets.malformed import MALFORMED, SUBSCRIBE


async def test_ping_is_answered_before_init_and_its_payload_is_not_echoed(client):
    await client.say("ping", payload={"any": "thing"})
    assert await client.hear() == {"type": "pong"}


async def test_pong_is_ignored(client):
    await client.say("pong", payload=None)
    await client.init()


async def test_a_second_init_closes_with_4429(client):
    await client.init()
    await client.say("connection_init")
    assert await client.ended() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("message", [SUBSCRIBE, {"type": "ping", "payload": {"authorization": "Bearer ann"}}])
async def test_operations_and_tokens_before_init_close_with_4401(client, message):
    await client.send(json.dumps(message))
    assert await client.ended() == (4401, "Unauthorized")


async def test_no_init_closes_with_4408(host):
    impatient = GraphQLWebSocket(toy.executor(), host, bounds=SocketBounds(init_timeout_seconds=0.05))
    async with talk.listening(impatient) as line, line.talk() as client:
        assert await client.ended() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize(("name", "shown"), [("7", "7"), ("é" * 500, "é" * 53)], ids=["short", "long"])
async def test_a_running_id_used_again_closes_with_4409(client, name, shown):
    await client.init()
    await client.subscribe("subscription { endless }", name)
    await client.subscribe("{ hello }", name)
    code, reason = await client.ended()
    assert code == 4409
    assert reason.startswith(f"Subscriber for {shown}")
    assert len(reason.encode()) <= 123


@pytest.mark.parametrize("initialised", [True, False], ids=["after init", "before init"])
@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_frame_closes_with_4400(shared_line, frame, initialised):
    async with shared_line.talk() as client:
        if initialised:
            await client.init()
        await client.send(frame)
        code, reason = await client.ended()
        assert code == 4400
        assert reason


@pytest.mark.parametrize("payload", [[], 5, "x", {"authorization": ["Bearer ann"]}])
async def test_a_malformed_init_closes_with_4400(client, payload):
    await client.say("connection_init", payload=payload)
    assert (await client.ended())[0] == 4400


async def test_a_message_above_the_bound_closes_with_1009(client):
    await client.say("ping", payload={"x": "é" * 120_000})
    assert (await client.ended())[0] == 1009

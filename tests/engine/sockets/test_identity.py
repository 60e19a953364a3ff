from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.sockets.presence import FORBIDDEN_REASON, REVOKED_REASON
from tests.engine import talk


@pytest.mark.parametrize("key", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_the_token_of_connection_init_says_who_is_there(client, key):
    await client.say("connection_init", payload={key: "Bearer ann"})
    await client.hear()
    await client.subscribe("{ whoAmI }")
    assert (await client.hear())["payload"] == {"data": {"whoAmI": "ann"}}


@pytest.mark.parametrize("payload", [{}, None, {"authorization": None}, {"authorization": ""}, {"other": 1}])
async def test_without_a_token_nobody_is_there(client, payload):
    await client.say("connection_init", payload=payload)
    assert await client.hear() == {"type": "connection_ack"}
    await client.subscribe("{ whoAmI }")
    assert (await client.hear())["payload"] == {"data": {"whoAmI": None}}


async def test_a_bad_token_closes_the_socket_with_4403(client):
    await client.say("connection_init", payload={"authorization": "Bearer bad"})
    assert await client.ended() == (4403, FORBIDDEN_REASON)


async def test_the_socket_is_closed_with_4403_when_its_token_ends(client, host):
    await client.init("Bearer ann for 0.2")
    await client.subscribe("subscription { endless }")
    assert await client.ended() == (4403, FORBIDDEN_REASON)
    await asyncio.wait_for(host.closed.wait(), 10)


async def test_a_ping_with_a_fresh_token_moves_the_end(app, client):
    await client.init("Bearer ann for 60")
    (connection,) = app._connections
    end_before = connection._presence._timer.when()
    await client.say("ping", payload={"Authorization": "Bearer ann for 600"})
    assert await client.hear() == {"type": "pong"}
    assert connection._presence._timer.when() > end_before + 500


async def test_a_ping_with_a_token_that_ends_sooner_is_obeyed(client):
    await client.init("Bearer ann")
    await client.say("ping", payload={"authorization": "Bearer ann for 0.1"})
    assert await client.ended() == (4403, FORBIDDEN_REASON)


@pytest.mark.parametrize(
    ("first", "second"), [("Bearer ann", "Bearer bad"), ("Bearer ann", "Bearer ben"), (None, "Bearer ann")]
)
async def test_a_ping_cannot_change_who_is_there(client, first, second):
    await client.init(first)
    await client.say("ping", payload={"authorization": second})
    assert await client.ended() == (4403, FORBIDDEN_REASON)


async def test_a_fault_while_authenticating_closes_with_1011(client):
    await client.say("connection_init", payload={"authorization": "Bearer fault"})
    assert await client.ended() == (1011, "Internal error")


@pytest.mark.parametrize("offered", [["graphql-ws"], None], ids=["another", "none"])
async def test_other_subprotocols_are_refused_with_4406(line, offered):
    async with line.talk(subprotocols=offered) as client:
        assert await client.ended() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://app.example.evil"]
)
async def test_pages_of_other_origins_get_403(line, origin):
    with pytest.raises(InvalidStatus) as refused:
        async with line.talk(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_pages_allowed_ones_and_programs_connect(line):
    for origin in (f"http://127.0.0.1:{line.port}", "https://app.example", None):
        async with line.talk(origin=origin) as client:
            await client.init()


async def test_a_revoked_token_closes_the_socket_with_4403(client, host):
    await client.init("Bearer ann")
    await client.subscribe("subscription { endless }")
    await client.hear()
    host.revoke()
    assert await client.ended() == (4403, REVOKED_REASON)
    assert host.closed.is_set()
    assert host.watches == []


async def test_a_revoked_token_takes_no_more_orders(client, host):
    await client.init("Bearer ann")
    host.revoke()
    await client.subscribe("{ hello }")
    with pytest.raises(ConnectionClosed):
        await client.hear()


async def test_an_answer_being_made_goes_out_before_a_revocation_closes_the_socket(stage):
    host = stage.app._host

    async def revoking(_root, _info, name):
        host.revoke()
        await asyncio.sleep(0)
        return name

    stage.schema.query_type.fields["hello"].resolve = revoking
    async with talk.listening(stage.app) as line, line.talk() as client:
        await client.init("Bearer ann")
        await client.subscribe("{ hello }")
        assert (await client.hear())["payload"] == {"data": {"hello": "world"}}
        assert await client.ended() == (4403, REVOKED_REASON)


async def test_a_fresh_token_is_watched_in_place_of_the_one_before(client, host):
    await client.init("Bearer ann for 60")
    ((before, _),) = host.watches
    await client.say("ping", payload={"authorization": "Bearer ann for 600"})
    await client.hear()
    ((after, _),) = host.watches
    assert after.expires_at > before.expires_at


async def test_a_resolver_is_told_where_the_socket_comes_from(client, host):
    await client.init()
    await client.subscribe("{ hello }")
    await client.hear()
    assert host.contexts[0]["client_address"] == "127.0.0.1"

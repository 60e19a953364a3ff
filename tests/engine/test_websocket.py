from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from engine.websocket import GraphQLWebSocket, SocketBounds
from tests.engine import talk, toy

BOUNDS = SocketBounds(
    init_timeout_seconds=5, max_operations=3, max_frame_bytes=200_000, send_timeout_seconds=0.3
)
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}}


class Host(toy.ToyHost):
    """As the toy host; `Bearer ann for 0.2` is Ann's token for so many seconds, `Bearer fault` a fault of ours."""

    async def authenticate(self, authorization):
        if authorization == "Bearer fault":
            raise RuntimeError("secret detail")
        token, _, seconds = (authorization or "").partition(" for ")
        person = await super().authenticate(token or None)
        if seconds:
            return toy.Person(person.id, datetime.now(UTC) + timedelta(seconds=float(seconds)))
        return person


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def app(host):
    allowed = frozenset({"https://app.example"})
    return GraphQLWebSocket(toy.executor(), host, bounds=BOUNDS, allowed_origins=allowed)


@pytest.fixture
async def line(app):
    async with talk.listening(app) as served:
        yield served


@pytest.fixture
async def client(line):
    async with line.talk() as opened:
        yield opened


async def until_nobody_is_connected(app):
    async with asyncio.timeout(10):
        while app._connections:  # noqa: ASYNC110 - the application has no event for it
            await asyncio.sleep(0)


# ------------------------------------------------------------------ operations


@pytest.mark.parametrize(
    ("query", "data"),
    [("{ square(of: 7) }", {"square": 49}), ("mutation { touch }", {"touch": True})],
    ids=["query", "mutation"],
)
async def test_an_operation_answers_once_and_completes(client, query, data):
    await client.init()
    await client.subscribe(query)
    assert await client.hear_all() == [
        {"type": "next", "id": "1", "payload": {"data": data}},
        {"type": "complete", "id": "1"},
    ]


async def test_a_subscription_sends_each_event_and_completes(client, host):
    await client.init()
    await client.subscribe("subscription ($to: Int!) { count(to: $to) }", variables={"to": 3})
    *events, last = await client.hear_all()
    assert [event["payload"]["data"]["count"] for event in events] == [1, 2, 3]
    assert last == {"type": "complete", "id": "1"}
    assert host.closed.is_set()


async def test_the_named_operation_is_run(client):
    await client.init()
    query = "query A { hello } query B { square(of: 3) }"
    await client.subscribe(query, operationName="B", extensions={"any": 1})
    assert (await client.hear())["payload"] == {"data": {"square": 9}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($of: Int!) { square(of: $of) }", "BAD_USER_INPUT"),
        ("subscription ($to: Int!) { count(to: $to) }", "BAD_USER_INPUT"),
        ("subscription { refused }", "NOT_FOUND"),
    ],
)
async def test_what_cannot_run_is_an_error_and_nothing_follows(client, query, code):
    await client.init()
    await client.subscribe(query)
    (error,) = await client.hear_all()
    assert (error["type"], error["payload"][0]["extensions"]["code"]) == ("error", code)
    await client.say("ping")
    assert await client.hear() == {"type": "pong"}


async def test_a_failing_field_is_part_of_the_answer_and_tells_no_secret(client):
    await client.init()
    await client.subscribe("{ hello boom }")
    answer, last = await client.hear_all()
    assert answer["payload"]["data"] == {"hello": "hello world", "boom": None}
    assert answer["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in json.dumps(answer)
    assert last["type"] == "complete"


async def test_a_source_that_fails_ends_its_stream_with_a_masked_error(client):
    await client.init()
    await client.subscribe("subscription { broken }")
    event, last = await client.hear_all()
    assert event["payload"] == {"data": {"broken": 1}}
    assert last["type"] == "error"
    assert last["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in json.dumps(last)


async def test_a_fault_of_the_host_ends_one_operation_not_the_socket(client, host, monkeypatch):
    await client.init()
    monkeypatch.setattr(host, "context", lambda *_: 1 / 0)
    await client.subscribe("{ hello }")
    (error,) = await client.hear_all()
    assert error["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    await client.say("ping")
    assert await client.hear() == {"type": "pong"}


async def test_each_operation_has_a_context_and_a_request_id_of_its_own(client, host):
    await client.init()
    for name in ("1", "2"):
        await client.subscribe("{ hello }", name)
        await client.hear_all()
    first, second = host.contexts
    assert first is not second
    assert first["request_id"] != second["request_id"]


async def test_operations_run_side_by_side(client):
    await client.init()
    await client.subscribe("subscription { endless }", "stream")
    assert (await client.hear())["id"] == "stream"
    await client.subscribe("{ hello }", "query")
    assert [message["id"] for message in await client.hear_all()] == ["query", "query"]


async def test_one_operation_too_many_is_refused_by_name(client):
    await client.init()
    for name in ("1", "2", "3"):
        await client.subscribe("subscription { endless }", name)
        await client.hear()
    await client.subscribe("{ hello }", "4")
    error = await client.hear()
    assert (error["type"], error["id"]) == ("error", "4")
    assert error["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_an_id_is_free_again_when_its_operation_has_completed(client):
    await client.init()
    for _ in range(2):
        await client.subscribe("{ hello }")
        assert [message["type"] for message in await client.hear_all()] == ["next", "complete"]


async def test_complete_closes_the_source_and_silences_the_id(client, host):
    await client.init()
    await client.subscribe("subscription { endless }")
    await client.hear()
    await client.say("complete", id="1")
    await asyncio.wait_for(host.closed.wait(), 10)
    await client.say("ping")
    assert await client.hear() == {"type": "pong"}


async def test_an_id_is_free_at_once_after_the_clients_complete(client):
    await client.init()
    await client.subscribe("subscription { endless }")
    await client.hear()
    await client.say("complete", id="1")
    await client.subscribe("{ hello }")
    assert [message["type"] for message in await client.hear_all()] == ["next", "complete"]


async def test_complete_of_an_unknown_id_is_ignored(client):
    await client.init()
    await client.say("complete", id="gone")
    await client.say("ping")
    assert await client.hear() == {"type": "pong"}


# ------------------------------------------------------------------ who is there


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
    assert await client.ended() == (4403, "Forbidden")


async def test_the_socket_is_closed_with_4403_when_its_token_ends(client, host):
    await client.init("Bearer ann for 0.2")
    await client.subscribe("subscription { endless }")
    assert await client.ended() == (4403, "Forbidden")
    await asyncio.wait_for(host.closed.wait(), 10)


async def test_a_ping_with_a_fresh_token_moves_the_end(app, client):
    await client.init("Bearer ann for 60")
    (connection,) = app._connections
    end_before = connection._timer.when()
    await client.say("ping", payload={"Authorization": "Bearer ann for 600"})
    assert await client.hear() == {"type": "pong"}
    assert connection._timer.when() > end_before + 500


async def test_a_ping_with_a_token_that_ends_sooner_is_obeyed(client):
    await client.init("Bearer ann")
    await client.say("ping", payload={"authorization": "Bearer ann for 0.1"})
    assert await client.ended() == (4403, "Forbidden")


@pytest.mark.parametrize(
    ("first", "second"), [("Bearer ann", "Bearer bad"), ("Bearer ann", "Bearer ben"), (None, "Bearer ann")]
)
async def test_a_ping_cannot_change_who_is_there(client, first, second):
    await client.init(first)
    await client.say("ping", payload={"authorization": second})
    assert await client.ended() == (4403, "Forbidden")


async def test_a_fault_while_authenticating_closes_with_1011(client):
    await client.say("connection_init", payload={"authorization": "Bearer fault"})
    assert await client.ended() == (1011, "Internal error")


# ------------------------------------------------------------------ the protocol


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


MALFORMED = {
    "empty": "",
    "not JSON": "{",
    "binary": b'{"type":"ping"}',
    "array": "[]",
    "number": "5",
    "null": "null",
    "string": '"ping"',
    "deep": "[" * 50_000 + "]" * 50_000,
    "deep in a message": '{"type":"ping","payload":' + '{"a":' * 30_000 + "1" + "}" * 30_000 + "}",
    "lone surrogate": '{"type":"ping","x":"\\ud800"}',
    "no type": "{}",
    "type null": '{"type":null}',
    "type of no message": '{"type":"start"}',
    "type that only we send": '{"type":"next"}',
    "type a list": '{"type":["ping"]}',
    "ping payload a list": '{"type":"ping","payload":[]}',
    "ping payload a number": '{"type":"ping","payload":1}',
    "pong payload a string": '{"type":"pong","payload":"x"}',
    "token a number": '{"type":"ping","payload":{"authorization":5}}',
    "complete without id": '{"type":"complete"}',
    "complete id a number": '{"type":"complete","id":1}',
    "id an object": json.dumps({**SUBSCRIBE, "id": {}}),
    "id empty": json.dumps({**SUBSCRIBE, "id": ""}),
    "id null": json.dumps({**SUBSCRIBE, "id": None}),
    "no payload": '{"type":"subscribe","id":"1"}',
    "payload null": json.dumps({**SUBSCRIBE, "payload": None}),
    "payload a list": json.dumps({**SUBSCRIBE, "payload": []}),
    "no query": json.dumps({**SUBSCRIBE, "payload": {}}),
    "query null": json.dumps({**SUBSCRIBE, "payload": {"query": None}}),
    "query a number": json.dumps({**SUBSCRIBE, "payload": {"query": 1}}),
    "variables a list": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "variables": [1]}}),
    "variables a string": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "variables": "{}"}}),
    "operationName a number": json.dumps(
        {**SUBSCRIBE, "payload": {"query": "{ hello }", "operationName": 1}}
    ),
    "extensions a list": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "extensions": []}}),
}


@pytest.mark.parametrize("initialised", [True, False], ids=["after init", "before init"])
@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_frame_closes_with_4400(client, frame, initialised):
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


# ------------------------------------------------------------------ who may connect


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


# ------------------------------------------------------------------ how it ends


async def test_nothing_is_left_after_a_hundred_dropped_connections(app, host, line):
    tasks_before = len(asyncio.all_tasks())
    for _ in range(100):
        async with line.talk() as client:
            await client.init()
            await client.subscribe("subscription { endless }")
            await client.hear()
            client.socket.transport.abort()
    await until_nobody_is_connected(app)
    assert host.closed.is_set()
    assert len(asyncio.all_tasks()) == tasks_before


async def test_a_client_that_leaves_politely_has_its_streams_closed(app, host, line):
    async with line.talk() as client:
        await client.init()
        await client.subscribe("subscription { endless }")
        await client.hear()
    await until_nobody_is_connected(app)
    assert host.closed.is_set()


async def test_at_shutdown_every_socket_is_closed_with_1001(app, host, line):
    async with line.talk() as first, line.talk() as second:
        await first.init()
        await first.subscribe("subscription { endless }")
        await first.hear()
        await app.close_all()
        assert host.closed.is_set()
        assert [await first.ended(), await second.ended()] == [(1001, "Going away")] * 2


@pytest.fixture
def narrow_socket(line):
    """Takes few bytes that nobody reads."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", line.port))
    return narrow


async def test_a_client_that_does_not_read_holds_up_itself_alone_and_is_let_go(host, line, narrow_socket):
    async with line.talk(sock=narrow_socket, max_queue=1, compression=None) as deaf, line.talk() as other:
        await deaf.init()
        await other.init()
        long_name = "x" * 50_000
        await deaf.subscribe(f"subscription {{ {long_name}: count(to: 1000000000) }}")
        await other.subscribe("{ hello }")
        assert (await other.hear())["payload"] == {"data": {"hello": "hello world"}}
        await asyncio.wait_for(host.closed.wait(), 10)
        deaf.socket.transport.abort()

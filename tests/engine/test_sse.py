import asyncio
import json

import pytest

from engine import sse
from tests.engine import wire

EVENTS = "text/event-stream"


def sent(body: bytes) -> list[tuple[str, object]]:
    frames = [frame.split("\n") for frame in body.decode().split("\n\n") if frame.startswith("event")]
    return [
        (event.removeprefix("event: "), json.loads(data.removeprefix("data:") or "null"))
        for event, data in frames
    ]


async def events(client, query: str, **headers: str) -> list[tuple[str, object]]:
    response = await client.query(query, accept=EVENTS, **headers)
    assert (response.status, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    return sent(dechunked(response.body))


def dechunked(body: bytes) -> bytes:
    content = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        content, body = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return content


def subscribing(query: str, **headers: str) -> bytes:
    body = json.dumps({"query": query}).encode()
    fields = {"content-type": "application/json", "content-length": str(len(body)), "accept": EVENTS}
    return wire.head("POST", "/graphql", {**fields, **headers}) + body


async def test_a_subscription_sends_its_events_and_completes(client, host):
    assert await events(client, "subscription { count(to: 2) }") == [
        ("next", {"data": {"count": 1}}),
        ("next", {"data": {"count": 2}}),
        ("complete", None),
    ]
    assert host.closed.is_set()


async def test_a_subscription_may_come_by_get(client):
    response = await client.get("/graphql?query=subscription{count(to:1)}", accept=EVENTS)
    assert sent(dechunked(response.body)) == [("next", {"data": {"count": 1}}), ("complete", None)]


async def test_a_query_is_one_event(client):
    assert await events(client, "{ hello }") == [
        ("next", {"data": {"hello": "hello world"}}),
        ("complete", None),
    ]


async def test_a_mutation_by_get_is_refused_here_too(client):
    assert (await client.get("/graphql?query=mutation{touch}", accept=EVENTS)).status == 405


async def test_a_document_that_is_wrong_is_said_in_an_event(client):
    (next_event, complete) = await events(client, "subscription { nothing }")
    assert next_event[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert complete == ("complete", None)


async def test_the_refusal_of_a_source_is_its_only_event(client):
    (next_event, _) = await events(client, "subscription { refused }")
    assert next_event[1]["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_source_that_breaks_ends_with_a_masked_error(client):
    (first, last, complete) = await events(client, "subscription { broken }")
    assert first == ("next", {"data": {"broken": 1}})
    assert last[1]["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in str(last)
    assert complete == ("complete", None)


async def test_a_subscription_without_a_stream_names_the_transports(client):
    response = await client.query("subscription { endless }")
    assert response.status == 400
    assert "graphql-transport-ws" in response.json()["errors"][0]["message"]
    assert EVENTS in response.json()["errors"][0]["message"]


async def test_a_stream_ends_with_its_token(client, host):
    (_, first), *_, (name, last), complete = await events(
        client, "subscription { endless }", authorization="Bearer brief"
    )
    assert first["data"] == {"endless": 0}
    assert (name, last["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
    assert complete == ("complete", None)
    assert host.closed.is_set()


async def test_a_stream_ends_with_an_error_when_its_token_is_revoked(client, host):
    async with client.connection() as (reader, writer):
        writer.write(subscribing("subscription { endless }", authorization="Bearer ann"))
        await reader.readuntil(b'"endless":0')
        host.revoke()
        rest = await reader.readuntil(b"0\r\n\r\n")
    assert b"UNAUTHENTICATED" in rest
    assert b"event: complete" in rest
    assert host.closed.is_set()
    assert host.watches == []


async def test_an_answer_goes_out_though_its_token_was_revoked_while_it_was_made(client, host, monkeypatch):
    def revoked_by_now(_principal, on_end):
        on_end()
        return lambda: None

    monkeypatch.setattr(host, "watch", revoked_by_now)
    assert await events(client, "{ hello }", authorization="Bearer ann") == [
        ("next", {"data": {"hello": "hello world"}}),
        ("complete", None),
    ]


async def test_a_source_is_closed_when_the_client_leaves(client, host):
    async with client.connection() as (reader, writer):
        writer.write(subscribing("subscription { endless }"))
        await reader.readuntil(b'"endless":0')
    async with asyncio.timeout(5):
        await host.closed.wait()


async def test_a_quiet_stream_is_kept_alive(client, monkeypatch):
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.05)
    async with client.connection() as (reader, writer):
        writer.write(subscribing("subscription { endless }"))
        await reader.readuntil(b"\r\n:\n\n\r\n")


async def test_a_shutdown_ends_streams_without_complete(client, graphql, host):
    async with client.connection() as (reader, writer):
        writer.write(subscribing("subscription { endless }"))
        await reader.readuntil(b'"endless":0')
        await graphql.close_all()
        rest = await reader.readuntil(b"0\r\n\r\n")
    assert b"complete" not in rest
    assert host.closed.is_set()


@pytest.mark.parametrize(
    "accept", ["application/json, text/event-stream", "application/json, text/event-stream;q=0.1"]
)
async def test_a_client_that_takes_both_gets_events_only_for_a_subscription(client, accept):
    subscription = await client.query("subscription { count(to: 1) }", accept=accept)
    query = await client.query("{ hello }", accept=accept)
    assert subscription.headers["content-type"].startswith(EVENTS)
    assert query.headers["content-type"].startswith("application/json")

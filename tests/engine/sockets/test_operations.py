from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from errors import ResourceNotFoundError


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


async def test_a_source_that_does_not_even_start_is_an_error(stage):
    async def refused(_root, _info):
        raise ResourceNotFoundError

    stage.schema.subscription_type.fields["refused"].subscribe = refused
    async with stage.client() as client:
        await client.subscribe("subscription { refused }")
        (error,) = await client.hear_all()
        assert (error["type"], error["payload"][0]["extensions"]["code"]) == ("error", "NOT_FOUND")


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


async def test_a_resolver_that_shrugs_off_its_cancellation_is_silenced_all_the_same(stage):
    started = asyncio.Event()

    async def stubborn(_root, _info, name):
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return name

    stage.schema.query_type.fields["hello"].resolve = stubborn
    async with stage.client() as client:
        await client.subscribe("{ hello }")
        await asyncio.wait_for(started.wait(), 10)
        await client.say("complete", id="1")
        await client.subscribe("{ square(of: 2) }", "2")
        assert [message["id"] for message in await client.hear_all()] == ["2", "2"]


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

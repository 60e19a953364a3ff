"""Who may not send is told so before a byte is read, and hears it although it is still sending."""

import asyncio

import pytest

from engine.http import GraphQLHTTP
from tests.engine import toy
from tests.engine.conftest import BOUNDS
from tests.engine.wire import FORM, head, read_response

GOOD = {
    "graphql-require-preflight": "1",
    "authorization": "Bearer ann",
    "content-type": FORM,
    "content-length": "1000",
}
REFUSED = {
    "no preflight header": ({"graphql-require-preflight": ""}, 400, "CSRF_PREVENTION"),
    "no token": ({"authorization": ""}, 401, "UNAUTHENTICATED"),
    "a bad token": ({"authorization": "Bearer bad"}, 401, "UNAUTHENTICATED"),
    "another scheme": ({"authorization": "Basic ann"}, 401, "UNAUTHENTICATED"),
    "too long": ({"content-length": "2000001"}, 413, "PAYLOAD_TOO_LARGE"),
    "endless": ({"content-length": "1000000000000000000"}, 413, "PAYLOAD_TOO_LARGE"),
    "compressed": ({"content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "no boundary": ({"content-type": "multipart/form-data"}, 400, "BAD_REQUEST"),
    "bad token and too long": ({"authorization": "Bearer bad", "content-length": "2000001"}, 401, "UNAUTHENTICATED"),
    "no preflight and no token": ({"graphql-require-preflight": "", "authorization": ""}, 400, "CSRF_PREVENTION"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_a_refusal_comes_before_a_byte_of_the_body(client, changed, status, code):
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", {**GOOD, **changed}))
        response = await read_response(reader)
    assert (response.status, response.code, response.headers["connection"]) == (status, code, "close")


@pytest.mark.parametrize(
    "header",
    ["graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name", "x-requested-with"],
)
async def test_each_preflight_header_is_enough(client, header):
    fields = {**GOOD, "graphql-require-preflight": "", header: "anything", "content-length": "3"}
    response = await client.send(head("POST", "/graphql", fields) + b"xyz")
    assert response.code == "BAD_REQUEST"


async def test_nothing_is_received_before_the_refusal(host):
    sent = []

    async def receive():
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in {**GOOD, "authorization": ""}.items()]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    await GraphQLHTTP(toy.executor(), host, bounds=BOUNDS)(scope, receive, send)
    assert sent[0]["status"] == 401


async def test_a_client_that_goes_on_sending_still_gets_its_refusal(client):
    body = bytes(4_000_000)
    fields = {**GOOD, "authorization": "Bearer bad", "content-length": str(len(body))}
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", fields))
        writer.write(body)
        await writer.drain()
        response = await read_response(reader)
        assert await reader.read() == b""
    assert (response.status, response.code) == (401, "UNAUTHENTICATED")


async def test_a_refused_client_that_never_ends_is_cut_off(client):
    fields = {**GOOD, "authorization": "Bearer bad", "content-length": "1000000"}
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", fields) + b"x")
        await read_response(reader)
        async with asyncio.timeout(BOUNDS.linger_seconds + 2):
            assert await reader.read() == b""


async def test_a_refused_client_is_not_asked_to_continue(client):
    async with client.connection() as (reader, writer):
        writer.write(
            head("POST", "/graphql", {**GOOD, "authorization": "Bearer bad", "expect": "100-continue"})
        )
        response = await read_response(reader)
    assert response.status == 401


async def test_an_accepted_client_is_asked_to_continue(client):
    async with client.connection() as (reader, writer):
        writer.write(head("POST", "/graphql", {**GOOD, "expect": "100-continue"}))
        response = await reader.readuntil(b"\r\n")
    assert response == b"HTTP/1.1 100 Continue\r\n"

"""What is logged on behalf of a request says which one it is, whoever logs it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from engine.sockets import GraphQLWebSocket, SocketBounds
from tests.engine import talk, toy

BOOM = {"query": "{ boom }"}


@pytest.fixture
def lines():
    with capture_logs([merge_contextvars]) as logged:
        yield logged


def said_by_resolvers(lines):
    return [line["request_id"] for line in lines if line["event"] == "about to fail"]


@pytest.fixture
async def http(client):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{client.port}") as keeping_connections:
        yield keeping_connections


async def test_a_resolvers_line_has_the_id_that_the_client_is_given(http, lines):
    answers = await asyncio.gather(*(http.post("/graphql", json=BOOM) for _ in range(5)))

    given = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(given)) == 5
    assert sorted(said_by_resolvers(lines)) == sorted(given)


async def test_requests_on_one_connection_have_ids_of_their_own(http, lines):
    given = [(await http.post("/graphql", json=BOOM)).headers["x-request-id"] for _ in range(2)]

    assert said_by_resolvers(lines) == given


async def test_operations_on_one_socket_have_ids_of_their_own(host, lines):
    app = GraphQLWebSocket(toy.executor(), host, bounds=SocketBounds())
    async with talk.listening(app) as line, line.talk() as socket:
        await socket.init()
        errors = []
        for name in ("1", "2"):
            await socket.subscribe("{ boom }", name)
            errors += (await socket.hear_all())[0]["payload"]["errors"]

    given = [error["extensions"]["requestId"] for error in errors]
    assert len(set(given)) == 2
    assert said_by_resolvers(lines) == given

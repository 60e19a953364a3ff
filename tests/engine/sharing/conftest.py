"""One server for sockets and event streams that share their subscriptions."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from engine.exchange import HttpBounds
from engine.http import GraphQLHTTP
from engine.sharing import Fanout
from engine.sockets import GraphQLWebSocket, SocketBounds
from server.sockets import SocketProtocol
from tests.engine import talk, toy
from tests.engine.sharing.numbers import Numbers

BOUNDS = SocketBounds(max_waiting=20, send_timeout_seconds=5)


@dataclass
class Served:
    """The server and all that a test may look at."""

    line: talk.Line
    numbers: Numbers
    host: toy.ToyHost
    fanout: Fanout
    sockets: GraphQLWebSocket


@pytest.fixture
def numbers():
    return Numbers()


@pytest.fixture(params=["websockets-sansio", SocketProtocol], ids=["ASGI", "prebuilt frames"])
def protocol(request):
    return request.param


@pytest.fixture
async def served(numbers, protocol):
    host = toy.ToyHost()
    executor = numbers.executor()
    fanout = Fanout(executor, host)
    sockets = GraphQLWebSocket(executor, host, bounds=BOUNDS, fanout=fanout)
    http = GraphQLHTTP(executor, host, bounds=HttpBounds(max_request_bytes=100_000), fanout=fanout)
    app = Starlette(routes=[Route("/graphql", http, methods=["POST"]), WebSocketRoute("/graphql", sockets)])
    async with talk.listening(app, ws=protocol) as line:
        yield Served(line, numbers, host, fanout, sockets)
        await http.close_all()
        await sockets.close_all()

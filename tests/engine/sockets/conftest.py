"""A socket to the toy server, and what it takes to have one that differs."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from engine.executor import Executor
from engine.limits import Limits
from engine.sockets import GraphQLWebSocket, SocketBounds
from tests.engine import talk, toy

BOUNDS = SocketBounds(
    init_timeout_seconds=5, max_operations=3, max_frame_bytes=200_000, send_timeout_seconds=0.3
)


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


class Stage:
    """A server whose schema a test may change."""

    def __init__(self):
        self.schema = toy.schema()
        self.app = GraphQLWebSocket(Executor(self.schema, limits=Limits()), Host(), bounds=BOUNDS)

    @contextlib.asynccontextmanager
    async def client(self):
        async with talk.listening(self.app) as line, line.talk() as client:
            await client.init()
            yield client


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def stage():
    return Stage()


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


@pytest.fixture(scope="module")
async def shared_line():
    """For tests that leave nothing behind."""
    async with talk.listening(GraphQLWebSocket(toy.executor(), Host(), bounds=BOUNDS)) as served:
        yield served

"""One toy server for the tests of the engine; each test puts its own application on it."""

from __future__ import annotations

import pytest

from engine.exchange import HttpBounds
from engine.http import GraphQLHTTP
from tests.engine import toy, wire

BOUNDS = HttpBounds(
    max_request_bytes=2_000_000, max_files_per_request=3, body_timeout_seconds=0.5, linger_seconds=1
)


class Stage:
    """Hands requests to the application of the test that runs."""

    app = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage():
    return Stage()


@pytest.fixture(scope="session")
async def server(stage):
    async with wire.serving(stage) as served:
        yield served


@pytest.fixture
def host():
    return toy.ToyHost()


@pytest.fixture
def graphql(host):
    return GraphQLHTTP(toy.executor(), host, bounds=BOUNDS)


@pytest.fixture
def client(server, stage, graphql):
    stage.app = graphql
    return server

"""A page of another origin may call the API if it is named, and is told so if not."""

from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError

from tests.client import PROTOCOL, Client
from tests.service import Service

OURS, FOREIGN = "http://localhost:5173", "http://evil.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def open_service(mongo_uri, xdist_worker, tmp_path_factory):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"origins_{xdist_worker}",
        "ALLOWED_ORIGINS": OURS,
    }
    with Service(tmp_path_factory.mktemp("origins"), workers=0, **settings) as service:
        yield service


@pytest.fixture
async def visitor(open_service):
    async with Client(open_service.url) as client:
        yield client


async def test_a_named_origin_passes_the_preflight_and_reads_the_answer(visitor):
    async with visitor.http.options("/graphql", headers={"Origin": OURS, **PREFLIGHT}) as response:
        assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, OURS)

    body = {"query": "{ service { version } }"}
    async with visitor.http.post("/graphql", json=body, headers={"Origin": OURS}) as response:
        assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (200, OURS)


async def test_an_origin_that_is_not_named_is_told_so(visitor, client):
    for somebody in (visitor, client):
        async with somebody.http.options("/graphql", headers={"Origin": FOREIGN, **PREFLIGHT}) as response:
            assert (response.status, await response.text()) == (400, "Disallowed CORS origin")
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_w7_a_socket_opens_for_pages_of_named_origins_only(visitor):
    async with visitor.http.ws_connect("/graphql", protocols=[PROTOCOL], headers={"Origin": OURS}) as socket:
        await socket.send_json({"type": "connection_init"})
        assert (await socket.receive_json())["type"] == "connection_ack"

    with pytest.raises(WSServerHandshakeError, match="403"):
        await visitor.http.ws_connect("/graphql", protocols=[PROTOCOL], headers={"Origin": FOREIGN})

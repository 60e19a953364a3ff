"""Who answers no ping, over a real connection to uvicorn as we configure it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import uvicorn

import server
from settings import Settings
from tests.hostile.sockets import raw


async def silent(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
async def port(monkeypatch):
    """Of a server that is as impatient as a test."""
    monkeypatch.setattr(server, "SOCKET_PING_SECONDS", 0.1)
    config = server.configuration(Settings(jwt_secret="s" * 32), silent)
    config.port, config.lifespan = 0, "off"
    config.load()
    running = uvicorn.Server(config)
    running.lifespan = config.lifespan_class(config)
    await running.startup()
    yield running.servers[0].sockets[0].getsockname()[1]
    running.force_exit = True
    await running.shutdown()


async def test_w6_who_answers_no_ping_is_hung_up_on(port):
    async with raw.opened(SimpleNamespace(port=port)) as line:
        opcode, _ = await line.heard()
        code = await line.ended()

    assert (opcode, code) == (raw.PING, 1011)

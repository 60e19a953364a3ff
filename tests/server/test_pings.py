"""Who answers no ping, over a real connection to uvicorn as we configure it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import server
from settings import Settings
from tests.hostile.sockets import raw
from tests.running import port_of, running


async def silent(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
async def port(monkeypatch):
    """Of a server that is as impatient as a test."""
    monkeypatch.setattr(server, "SOCKET_PING_SECONDS", 0.1)
    async with running(server.configuration(Settings(jwt_secret="s" * 32), silent)) as listening:
        yield port_of(listening)


async def test_w6_who_answers_no_ping_is_hung_up_on(port):
    async with raw.opened(SimpleNamespace(port=port)) as line:
        opcode, _ = await line.heard()
        code = await line.ended()

    assert (opcode, code) == (raw.PING, 1011)

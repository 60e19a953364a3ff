"""How much of what floods a socket is looked at before others have their turn, over a real connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest
import uvicorn

from server.http import HttpProtocol
from server.sockets import SLICE_BYTES, SocketProtocol
from tests.hostile.sockets import raw
from tests.running import port_of, running

FRAME = raw.frame(raw.TEXT, b"x" * 26)
FRAMES = 8_192


async def counting(scope, receive, send):
    """Tells how many messages came in the same turn of the loop, at most."""
    turn, heard = 0, Counter()

    def tick():
        nonlocal turn
        turn += 1
        if heard.total() < FRAMES:
            asyncio.get_running_loop().call_soon(tick)

    await receive()
    await send({"type": "websocket.accept"})
    tick()
    for _ in range(FRAMES):
        await receive()
        heard[turn] += 1
    await send({"type": "websocket.send", "text": str(max(heard.values()))})


@pytest.fixture
async def port():
    config = uvicorn.Config(counting, http=HttpProtocol, ws=SocketProtocol, log_level="critical")
    async with running(config) as listening:
        yield port_of(listening)


async def test_w6_no_more_than_a_slice_is_looked_at_in_a_turn_of_the_loop(port):
    async with raw.opened(SimpleNamespace(port=port)) as line, asyncio.timeout(30):
        await line.say(FRAME * FRAMES)
        _, most = await line.heard()

    assert 0 < int(most) <= SLICE_BYTES // len(FRAME) + 1

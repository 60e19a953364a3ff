"""The head of a response goes out with its body, over a real connection."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.http import HttpProtocol, OneWrite

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire:
    """Both ends of a connection: `transport` is ours."""

    def __init__(self, transport, peer):
        self.transport = OneWrite(transport, asyncio.get_running_loop())
        self._peer = peer

    def received(self):
        """What the other end finds now, without waiting."""
        try:
            return self._peer.recv(65_536)
        except BlockingIOError:
            return None


@pytest.fixture
async def wire():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
        yield Wire(transport, theirs)
        transport.abort()
        await asyncio.sleep(0)


async def test_a_head_waits_for_its_body_and_both_go_out_together(wire):
    wire.transport.write(HEAD)
    before = wire.received()
    wire.transport.write(b"body")

    assert (before, wire.received()) == (None, HEAD + b"body")


@pytest.mark.parametrize("following", [b"", None])
async def test_a_head_that_nothing_follows_goes_out_by_itself(wire, following):
    wire.transport.write(HEAD)
    if following is not None:
        wire.transport.write(following)
    await asyncio.sleep(0)

    assert wire.received() == HEAD


async def test_what_comes_later_goes_out_at_once(wire):
    wire.transport.write(HEAD)
    wire.transport.write(b"first")
    wire.received()
    wire.transport.write(b"second")

    assert wire.received() == b"second"


async def test_closing_sends_what_was_kept(wire):
    wire.transport.write(HEAD)
    wire.transport.close()

    assert wire.received() == HEAD


async def test_a_head_for_a_connection_that_broke_is_dropped(wire):
    faults = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    wire.transport.write(HEAD)
    wire.transport.abort()
    await asyncio.sleep(0.01)

    assert faults == []


class Written(asyncio.Transport):
    """Keeps each write by itself."""

    def __init__(self):
        super().__init__()
        self.writes = []

    def write(self, data):
        self.writes.append(data)

    def is_closing(self):
        return False


async def test_a_small_response_of_uvicorn_is_one_write():
    async def app(_, __, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    config = uvicorn.Config(app, log_config=None)
    config.load()
    protocol, transport = HttpProtocol(config, ServerState(), {}), Written()
    protocol.connection_made(transport)
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.gather(*protocol.tasks)
    protocol.timeout_keep_alive_task.cancel()

    (written,) = transport.writes
    assert written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert written.endswith(b"\r\n\r\nok")

"""What a connection may take, over real connections: how large a head, how many of them, how long unread."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn

from server import stalls
from server.bounds import ConnectionBounds
from server.http import HttpProtocol
from tests.engine.wire import head, read_response
from tests.running import port_of, running

BOUNDS = ConnectionBounds(max_connections=3, head_timeout_seconds=0.3, max_head_bytes=2_000, max_headers=10)


async def large(scope, receive, send):
    """Ten megabytes to whoever asks."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(10):
        await send({"type": "http.response.body", "body": bytes(2**20), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def server():
    protocol = partial(HttpProtocol, bounds=BOUNDS)
    config = uvicorn.Config(large, http=protocol, log_level="critical", ws="none")
    async with running(config) as listening:
        yield listening


@pytest.fixture
def connected(server):
    port = port_of(server)

    @asynccontextmanager
    async def connect(**options):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    return connect


async def code(reader):
    async with asyncio.timeout(10):
        response = await read_response(reader)
    return response.status, response.code


async def test_a_connection_too_many_is_503(connected):
    async with connected(), connected(), connected(), connected() as (reader, _):
        assert await code(reader) == (503, "TOO_MANY_CONNECTIONS")


async def test_a_head_that_does_not_come_whole_in_time_is_408(connected):
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n")
        assert await code(reader) == (408, "REQUEST_TIMEOUT")


async def test_who_asks_nothing_is_hung_up_on(connected):
    async with connected() as (reader, _), asyncio.timeout(10):
        assert await reader.read() == b""


async def test_a_head_that_grows_too_large_is_431(connected):
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nx: ".ljust(900, b"x"))
            await asyncio.sleep(0.02)  # so that it comes in pieces
        assert await code(reader) == (431, "PAYLOAD_TOO_LARGE")


async def test_too_many_headers_are_431(connected):
    async with connected() as (reader, writer):
        writer.write(head("GET", "/", {f"h{number}": "x" for number in range(10)}))
        assert await code(reader) == (431, "PAYLOAD_TOO_LARGE")


async def test_who_reads_is_sent_everything_and_keeps_the_connection(connected):
    async with connected() as (reader, writer):
        for _ in range(2):
            writer.write(head("GET", "/", {}))
            async with asyncio.timeout(10):
                await reader.readuntil(b"\r\n\r\n")
                assert await chunked_bytes(reader) == 10 * 2**20


async def chunked_bytes(reader):
    """How many come in chunks."""
    found = 0
    while size_bytes := int(await reader.readline(), 16):
        found += len((await reader.readexactly(size_bytes + 2))[:-2])
    await reader.readline()
    return found


async def test_who_does_not_read_is_hung_up_on(server, monkeypatch):
    monkeypatch.setattr(stalls, "UNREAD_TIMEOUT_SECONDS", 0.2)
    address = server.servers[0].sockets[0].getsockname()
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.connect(address)
        line.sendall(head("GET", "/", {}))
        async with asyncio.timeout(10):
            while not server.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            while server.server_state.tasks:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

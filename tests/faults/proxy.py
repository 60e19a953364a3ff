"""A provider that is down and comes back, or misbehaves towards everybody: an HTTP proxy in front of an S3 server."""

from __future__ import annotations

import asyncio
import io
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

import aiohttp
from aiohttp import web

from tests.storage.faulty_s3 import Fault, Granted, end_to_end

LARGEST_BYTES: Final = 64 * 2**20
LOOK_SECONDS: Final = 0.1
AT_ONCE_SECONDS: Final = 0.1  # none at all would be for ever
RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)


class Proxy:
    """In front of the server at `upstream`; does as it is told until it is `up` again."""

    def __init__(self, upstream: str, http: aiohttp.ClientSession) -> None:
        self._upstream = upstream
        self._http = http
        application = web.Application(client_max_size=LARGEST_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=AT_ONCE_SECONDS)
        self._site: web.TCPSite | None = None
        self._port = 0
        self._fault: Fault | None = None
        self.asked: list[str] = []
        """The methods of all requests so far."""

    @classmethod
    @asynccontextmanager
    async def before(cls, upstream: str) -> AsyncIterator[Self]:
        """Runs until the block ends."""
        async with aiohttp.ClientSession(auto_decompress=False) as http:
            proxy = cls(upstream, http)
            await proxy._runner.setup()
            await proxy.up()
            try:
                yield proxy
            finally:
                await proxy._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens; the same after it was down."""
        return f"http://127.0.0.1:{self._port}"

    async def up(self) -> None:
        """Listens, and does nothing wrong."""
        self._fault = None
        if self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
            await self._site.start()
            self._port = self._runner.addresses[0][1]

    async def do(self, fault: Fault) -> None:
        """Does this to every request from now on."""
        self._fault = fault

    async def down(self) -> None:
        """Refuses connections, and hangs up on those that there are."""
        if self._site:
            await self._site.stop()
            self._site = None
        for connection in self._runner.server.connections:
            if connection.transport:
                connection.transport.abort()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.method)

        async def granted() -> web.Response:
            async with self._http.request(
                request.method,
                f"{self._upstream}{request.raw_path}",
                headers=end_to_end(request.headers),
                data=io.BytesIO(await request.read()),
                allow_redirects=False,
            ) as answer:
                headers = end_to_end(answer.headers)
                return web.Response(status=answer.status, headers=headers, body=await answer.read())

        return await (self._fault(request, granted) if self._fault else granted())


def slow(seconds: float) -> Fault:
    """Nothing happens for so long, or until the client has left."""

    async def fault(request: web.Request, granted: Granted) -> web.StreamResponse:
        for _ in range(round(seconds / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            if request.transport is None:
                return web.Response()
        return await granted()

    return fault


async def resets_halfway(request: web.Request, _: Granted) -> web.StreamResponse:
    """The connection is reset when half of the request's bytes are there."""
    await request.content.read((request.content_length or 0) // 2)
    transport = request.transport
    assert transport
    connected: socket.socket = transport.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    transport.abort()
    return web.Response()


def only(method: str, then: Fault) -> Fault:
    """What `then` does to requests of this method, and nothing wrong to others."""

    async def fault(request: web.Request, granted: Granted) -> web.StreamResponse:
        return await (then(request, granted) if request.method == method else granted())

    return fault


def after(count: int, method: str, then: Fault) -> Fault:
    """Nothing wrong to so many requests of this method, and from then on what `then` does, to all."""
    seen = 0

    async def fault(request: web.Request, granted: Granted) -> web.StreamResponse:
        nonlocal seen
        seen += request.method == method
        return await (then(request, granted) if seen > count else granted())

    return fault

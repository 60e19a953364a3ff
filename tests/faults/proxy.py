"""A provider that misbehaves: an HTTP proxy that does one thing wrong, chosen and ended by a test."""

from __future__ import annotations

import asyncio
import io
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Self

import aiohttp
from aiohttp import web

LARGEST_BYTES: Final = 64 * 2**20
RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)
HOP_BY_HOP: Final = {"connection", "keep-alive", "transfer-encoding", "content-length"}

Upstream = Callable[[web.Request], Awaitable[web.Response]]
Fault = Callable[[web.Request, Upstream], Awaitable[web.StreamResponse]]


class Proxy:
    """In front of the server at `upstream`; does as it is told until it is `up` again."""

    def __init__(self, upstream: str, http: aiohttp.ClientSession) -> None:
        self._upstream = upstream
        self._http = http
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
            application = web.Application(client_max_size=LARGEST_BYTES)
            application.router.add_route("*", "/{path:.*}", proxy._answer)
            proxy._runner = web.AppRunner(
                application, access_log=None, shutdown_timeout=0, handler_cancellation=True
            )
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
        return await (self._fault(request, self._forward) if self._fault else self._forward(request))

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        async with self._http.request(
            request.method,
            f"{self._upstream}{request.raw_path}",
            headers=headers,
            data=io.BytesIO(await request.read()),
            allow_redirects=False,
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())


def slow(seconds: float) -> Fault:
    """Does nothing for so long, then what it is asked for."""

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await upstream(request)

    return fault


def refusing(status: int, code: str) -> Fault:
    """Answers with an error of S3's."""

    async def fault(request: web.Request, _: Upstream) -> web.StreamResponse:
        await request.read()
        text = f"<Error><Code>{code}</Code><Message>so the test wants it</Message></Error>"
        return web.Response(status=status, text=text, content_type="application/xml")

    return fault


def resetting_requests() -> Fault:
    """Resets the connection when half of the request's bytes are there."""

    async def fault(request: web.Request, _: Upstream) -> web.StreamResponse:
        await request.content.read((request.content_length or 0) // 2)
        return _reset(request)

    return fault


def resetting_answers() -> Fault:
    """Resets the connection when half of the answer's bytes are sent."""

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        whole = await upstream(request)
        body = bytes(whole.body or b"")
        begun = web.StreamResponse(status=whole.status, headers=whole.headers)
        begun.content_length = len(body)
        await begun.prepare(request)
        await begun.write(body[: len(body) // 2])
        return _reset(request)

    return fault


def at_first(times: int, fault_of_those: Fault) -> Fault:
    """Does this to so many requests, and nothing wrong to later ones."""
    left = times

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        nonlocal left
        left -= 1
        return await (fault_of_those(request, upstream) if left >= 0 else upstream(request))

    return fault


def forging(**headers: str) -> Fault:
    """Answers truly but for these headers."""

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        answer = await upstream(request)
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return answer

    return fault


def after(count: int, method: str, then: Fault) -> Fault:
    """Does nothing wrong to so many requests of this method, and from then on what `then` does, to all."""
    seen = 0

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        nonlocal seen
        seen += request.method == method
        return await (then(request, upstream) if seen > count else upstream(request))

    return fault


def only(method: str, then: Fault) -> Fault:
    """Does what `then` does to requests of this method, and nothing wrong to others."""

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        return await (then(request, upstream) if request.method == method else upstream(request))

    return fault


def losing_answers() -> Fault:
    """Does what it is asked for and hangs up instead of saying so."""

    async def fault(request: web.Request, upstream: Upstream) -> web.StreamResponse:
        await upstream(request)
        return _reset(request)

    return fault


def _reset(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    connected: socket.socket = transport.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    transport.abort()
    raise ConnectionResetError

"""An S3 server behind a connection on which things go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import Self

from aiohttp import ClientSession, web
from multidict import CIMultiDict
from yarl import URL

from embedded import free_port
from storage.s3 import S3Storage
from tests.s3 import Server

ALWAYS = 99
"""More faults than there are ever attempts."""

HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}

Granted = Callable[[], Awaitable[web.Response]]
Fault = Callable[[web.Request, Granted], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    query: dict[str, str]
    headers: CIMultiDict[str]
    body: bytes = field(repr=False)


class FaultyS3:
    """Hands requests on to `server`; those that a test names meet with a fault instead."""

    def __init__(self, server: Server) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.storage: S3Storage = Server(self.url, server.keys).storage()
        self.seen: list[Seen] = []
        self._server = server
        self._faults: list[tuple[str, str, Iterator[Fault]]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._client = await self._stack.enter_async_context(ClientSession(auto_decompress=False))
        runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", URL(self.url).port).start()
        self._stack.push_async_callback(self.storage.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def on(self, method: str, *faults: Fault, query: str = "") -> None:
        """Requests of that method, with that name in their query, meet with these faults, one each."""
        self._faults.append((method, query, iter(faults)))

    def heal(self) -> None:
        """No faults any more."""
        self._faults.clear()

    def count(self, method: str) -> int:
        """How many requests of that method arrived."""
        return [seen.method for seen in self.seen].count(method)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.content.read()
        self.seen.append(Seen(request.method, dict(request.query), CIMultiDict(request.headers), body))

        async def granted() -> web.Response:
            url = URL(f"{self._server.url}{request.raw_path}", encoded=True)
            async with self._client.request(
                request.method, url, headers=request.headers, data=BytesIO(body)
            ) as response:
                return web.Response(
                    status=response.status, headers=end_to_end(response.headers), body=await response.read()
                )

        for method, query, faults in self._faults:
            if method == request.method and (not query or query in request.query):
                fault = next(faults, None)
                if fault:
                    return await fault(request, granted)
        return await granted()


def end_to_end(headers) -> CIMultiDict[str]:
    """Those that are not about one connection."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)


def refuses(status: int, code: str, message: str = "") -> Fault:
    """S3 says no."""

    return answers(f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", status)


def answers(text: str, status: int = 200) -> Fault:
    """Nothing happens, and S3 says this."""

    async def fault(*_) -> web.Response:
        return web.Response(status=status, text=text, content_type="application/xml")

    return fault


async def resets(request: web.Request, _: Granted) -> web.StreamResponse:
    """The connection breaks before anything has happened."""
    request.transport.abort()
    return web.Response()


async def loses_the_answer(request: web.Request, granted: Granted) -> web.StreamResponse:
    """What was asked for happens, and nobody hears of it."""
    await granted()
    return await resets(request, granted)


def breaks_off_after(size_bytes: int) -> Fault:
    """The connection breaks within a body."""

    async def fault(request: web.Request, granted: Granted) -> web.StreamResponse:
        whole = await granted()
        begun = web.StreamResponse(status=whole.status, headers=end_to_end(whole.headers))
        begun.content_length = len(whole.body)
        await begun.prepare(request)
        await begun.write(whole.body[:size_bytes])
        request.transport.close()  # what was written still goes out
        return begun

    return fault


def says(**headers: str) -> Fault:
    """What was asked for happens, with other headers in the answer."""

    async def fault(_: web.Request, granted: Granted) -> web.StreamResponse:
        response = await granted()
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return response

    return fault


def does_first(act: Callable[[], Awaitable[object]]) -> Fault:
    """Something happens between the request and what it asks for."""

    async def fault(_: web.Request, granted: Granted) -> web.StreamResponse:
        await act()
        return await granted()

    return fault

"""A socket in the tests' hands, and a server for it to talk to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PROTOCOL = "graphql-transport-ws"


class Talk:
    """One socket: says messages, hears messages, learns how it ends. Everything comes within 10 s or fails."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, text: str | bytes) -> None:
        await self.socket.send(text)

    async def say(self, kind: str, **fields: Any) -> None:
        await self.send(json.dumps({"type": kind, **fields}))

    async def init(self, authorization: str | None = None) -> None:
        await self.say("connection_init", payload={"authorization": authorization} if authorization else {})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, query: str, name: str = "1", **payload: Any) -> None:
        await self.say("subscribe", id=name, payload={"query": query, **payload})

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            return json.loads(await self.socket.recv())

    async def hear_all(self) -> list[dict[str, Any]]:
        """Everything up to `complete` or `error`."""
        heard = [await self.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await self.hear())
        return heard

    async def ended(self) -> tuple[int, str]:
        """The code and the reason that the socket is closed with, after whatever else comes."""
        try:
            while True:
                await self.hear()
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


class Line:
    """A server's address; `talk` opens a socket to it."""

    def __init__(self, port: int) -> None:
        self.port = port

    @asynccontextmanager
    async def talk(self, **options: Any) -> AsyncIterator[Talk]:
        address = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(address, **{"subprotocols": [PROTOCOL], "close_timeout": 1, **options}) as socket:
            yield Talk(socket)


@asynccontextmanager
async def listening(app: ASGIApp, **options: Any) -> AsyncIterator[Line]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="warning", **options))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    try:
        yield Line(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving

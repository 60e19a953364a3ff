"""A client that writes exactly the bytes it is told to, and a server on a free port to write them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp

from server.http import HttpProtocol
from tests.running import port_of, running

BOUNDARY = b"XbX"
FORM = "multipart/form-data; boundary=XbX"


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """Of the first error; nothing if there is none."""
        (first, *_) = self.json().get("errors") or [{}]
        return str(first.get("extensions", {}).get("code", ""))


def head(method: str, target: str, headers: dict[str, str]) -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        "host: toy",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename is not None else ""
    disposition = f'Content-Disposition: form-data; name="{name}"{file}'.encode()
    return b"--" + BOUNDARY + b"\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def upload_form(query: str, variables: Any, mapping: Any, *files: bytes) -> bytes:
    operations = orjson.dumps({"query": query, "variables": variables})
    return form(part("operations", operations), part("map", orjson.dumps(mapping)), *files)


async def read_response(reader: asyncio.StreamReader) -> Response:
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    return Response(int(status_line.split()[1]), headers, body)


@dataclass(frozen=True)
class Wire:
    port: int

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def send(self, request: bytes) -> Response:
        async with self.connection() as (reader, writer):
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(10):
                return await read_response(reader)

    async def get(self, target: str, **headers: str) -> Response:
        return await self.send(head("GET", target, {"connection": "close", **_named(headers)}))

    async def post(self, body: bytes, content_type: str = "application/json", **headers: str) -> Response:
        fields = {"content-type": content_type, "content-length": str(len(body)), "connection": "close"}
        return await self.send(head("POST", "/graphql", {**fields, **_named(headers)}) + body)

    async def query(self, query: str, variables: Any = None, **headers: str) -> Response:
        return await self.post(orjson.dumps({"query": query, "variables": variables}), **headers)

    async def upload(self, body: bytes, **headers: str) -> Response:
        allowed = {"graphql_require_preflight": "1", "authorization": "Bearer ann"}
        return await self.post(body, FORM, **{**allowed, **headers})


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[Wire]:
    config = uvicorn.Config(app, http=HttpProtocol, log_level="warning", ws="none")
    async with running(config) as server:
        yield Wire(port_of(server))

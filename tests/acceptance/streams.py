"""A subscription as clients have it: over a socket, or as server-sent events by POST and by GET."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.client import Client

TRANSPORTS = ["socket", "POST", "GET"]
WAIT_SECONDS = 30


@asynccontextmanager
async def subscribed(
    client: Client, transport: str, query: str, **variables: Any
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """The payloads as they come, until the stream completes."""
    operation = {"query": query, "variables": variables}
    if transport == "socket":
        async with client.socket() as socket:
            await socket.send_json({"type": "subscribe", "id": "1", "payload": operation})
            yield _from_socket(socket)
    else:
        as_text = {"query": query, "variables": json.dumps(variables)}
        sent = {"json": operation} if transport == "POST" else {"params": as_text}
        headers = {**client.headers, "Accept": "text/event-stream"}
        async with client.http.request(transport, "/graphql", headers=headers, **sent) as response:
            yield _from_events(response)


async def first(client: Client, transport: str, count: int, query: str, **variables: Any) -> list[dict]:
    """The first payloads; fewer if the stream completes before."""
    async with subscribed(client, transport, query, **variables) as payloads:
        found = []
        async for payload in payloads:
            found.append(payload)
            if len(found) == count:
                break
        return found


async def _from_socket(socket):
    while (message := await _received(socket))["type"] != "complete":
        if message["type"] == "error":
            yield {"errors": message["payload"]}
            return
        if message["type"] == "next":
            yield message["payload"]


async def _received(socket):
    async with asyncio.timeout(WAIT_SECONDS):  # aiohttp's own begins anew with each ping
        return await socket.receive_json()


async def _from_events(response):
    name = ""
    async for line in response.content:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        if name == "complete":
            return
        if field == "data":
            yield json.loads(value)

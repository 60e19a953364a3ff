"""The service, as a client sees it: operations, a file on its way in, what is watched."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

from cli.batches.account import Account
from errors import DarkroomError

PROTOCOL: Final = "graphql-transport-ws"
HEARTBEAT_SECONDS: Final = 20
CONNECT_SECONDS: Final = 10
FORBIDDEN: Final = 4403
UNAUTHENTICATED: Final = "UNAUTHENTICATED"
LOG_IN: Final = """
mutation ($input: LogInInput!) {
  logIn(input: $input) { __typename ... on LogInPayload { session { accessToken } } ... on Error { message } }
}
"""


class RefusedError(DarkroomError):
    """The service said no; `code` is that of a GraphQL error."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Service:
    """A running Darkroom at `url`, for one account."""

    def __init__(self, http: aiohttp.ClientSession, account: Account) -> None:
        self._http = http
        self._account = account
        self._token = account.token

    async def sign_in(self) -> None:
        """Gets a token, if there is a password for one.

        Raises:
            RefusedError: They do not fit, or the token that was given does not serve.
        """
        if not self._account.can_sign_in:
            raise RefusedError("the access token is not, or no longer, good")
        self._token = None
        given = {"email": self._account.email, "password": self._account.password}
        answered = (await self._asked(LOG_IN, {"input": given}))["logIn"]
        if "session" not in answered:
            raise RefusedError(answered["message"])
        self._token = answered["session"]["accessToken"]

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What an operation answers.

        Raises:
            RefusedError: Errors and no data.
            aiohttp.ClientError, TimeoutError: No answer.
        """
        try:
            return await self._asked(query, variables)
        except RefusedError as refusal:
            if refusal.code != UNAUTHENTICATED:
                raise
        await self.sign_in()
        return await self._asked(query, variables)

    async def send_file(self, query: str, file: Path, **fields: Any) -> dict[str, Any]:
        """The answer to a mutation whose `input.file` is this file; raises what `ask` does."""
        content = io.BytesIO(await asyncio.to_thread(file.read_bytes))
        form = aiohttp.FormData(quote_fields=False)
        form.add_field(
            "operations", json.dumps({"query": query, "variables": {"input": {"file": None, **fields}}})
        )
        form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
        form.add_field("0", content, filename=file.name, content_type="text/csv")
        headers = {**self._headers, "GraphQL-Require-Preflight": "1"}
        async with self._http.post("/graphql", data=form, headers=headers) as response:
            return _data(await response.json())

    async def download(self, url: str, file: Path) -> None:
        """Writes what is at a signed address to a file, which is there whole or not at all."""
        part = file.with_name(f"{file.name}.part")
        async with self._http.get(url) as response:
            response.raise_for_status()
            with part.open("wb") as writing:
                async for piece in response.content.iter_any():
                    writing.write(piece)
        part.replace(file)

    async def watch(self, query: str, variables: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The data of each event, until the subscription completes.

        Raises:
            RefusedError: It was answered by errors; code UNAUTHENTICATED if the token has run out.
            aiohttp.ClientError, ConnectionError, TimeoutError: The connection is lost.
        """
        async with self._socket() as socket:
            body = {"query": query, "variables": dict(variables)}
            await socket.send_json({"type": "subscribe", "id": "1", "payload": body})
            while (message := await _received(socket))["type"] == "next":
                yield _data(message["payload"])
            if message["type"] == "error":
                raise _refusal(message["payload"])

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        connecting = self._http.ws_connect("/graphql", protocols=[PROTOCOL], heartbeat=HEARTBEAT_SECONDS)
        async with connecting as socket:
            payload = {"authorization": f"Bearer {self._token}"}
            await socket.send_json({"type": "connection_init", "payload": payload})
            async with asyncio.timeout(CONNECT_SECONDS):
                await _received(socket)
            yield socket

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _asked(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        body = {"query": query, "variables": dict(variables)}
        async with self._http.post("/graphql", json=body, headers=self._headers) as response:
            return _data(await response.json())


@asynccontextmanager
async def connected(url: str, account: Account) -> AsyncIterator[Service]:
    """The service, for the length of the block."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=300)
    async with aiohttp.ClientSession(base_url=url, timeout=timeout) as http:
        yield Service(http, account)


async def _received(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    message = await socket.receive()
    if message.type is aiohttp.WSMsgType.TEXT:
        read: dict[str, Any] = message.json()
        return read
    if socket.close_code == FORBIDDEN:
        raise RefusedError("the access token is not, or no longer, good", UNAUTHENTICATED)
    raise ConnectionError(f"the connection was closed ({socket.close_code})")


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("errors"):
        raise _refusal(answer["errors"])
    data: dict[str, Any] = answer["data"]
    return data


def _refusal(errors: list[dict[str, Any]]) -> RefusedError:
    return RefusedError(errors[0]["message"], errors[0].get("extensions", {}).get("code"))

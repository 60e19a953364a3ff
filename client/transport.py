"""The wire: GraphQL over HTTP, the multipart request specification, and graphql-transport-ws.

The generated operations are sent by it. It knows neither them nor what they mean.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Protocol, runtime_checkable

import aiohttp
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from client.errors import UNAUTHENTICATED, RefusedError, UnreachableError

PATH: Final = "/graphql"
PROTOCOL: Final = "graphql-transport-ws"
HEARTBEAT_SECONDS: Final = 20
ACKNOWLEDGED_WITHIN_SECONDS: Final = 10
FORBIDDEN: Final = 4403
PIECE_BYTES: Final = 256 * 1024
NOT_GOOD: Final = "the access token is not, or no longer, good"

Data = dict[str, Any]
Renew = Callable[[], Awaitable[bool]]


@runtime_checkable
class File(Protocol):
    """A file on its way in, as the generated operations have it. It can be read again from its beginning."""

    filename: str
    content: Any
    content_type: str


class Transport:
    """Operations, sent to the service at which `http` is.

    Args:
        http: Its base address is the service's.
        renew: Gets another token in place of one that is not good; False if there is no way to.
    """

    token: str | None = None

    def __init__(self, http: aiohttp.ClientSession, renew: Renew) -> None:
        self._http = http
        self._renew = renew

    async def execute(
        self, query: str, operation_name: str | None = None, variables: Data | None = None
    ) -> Data:
        """The answer to a query or a mutation; asked once more with another token if this one is over.

        Raises:
            RefusedError: It has errors.
            UnreachableError: There is no answer. Whether anything was done is not known.
        """
        given, files = _separated(variables or {})
        operation = {"query": query, "operationName": operation_name, "variables": given}
        try:
            return await self._sent(operation, files)
        except RefusedError as refusal:
            if refusal.code != UNAUTHENTICATED or not await self._renew():
                raise
        return await self._sent(operation, files)

    def get_data(self, answer: Data) -> Data:
        """What was asked for, of an answer without errors."""
        data: Data = answer["data"]
        return data

    async def execute_ws(
        self, query: str, operation_name: str | None = None, variables: Data | None = None
    ) -> AsyncGenerator[Data, None]:
        """The data of each event, until the subscription completes.

        Raises:
            RefusedError: It was answered by errors; UNAUTHENTICATED also if the token has run out meanwhile.
            UnreachableError: The connection is lost, or there was none.
        """
        given, _ = _separated(variables or {})
        operation = {"query": query, "operationName": operation_name, "variables": given}
        async with self._socket() as socket:
            await socket.send_json({"type": "subscribe", "id": "1", "payload": operation})
            while (message := await _received(socket))["type"] == "next":
                yield self.get_data(_checked(message["payload"]))
            if message["type"] == "error":
                raise _refusal(message["payload"])

    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[aiohttp.StreamReader]:
        """What lies at a signed address. Raises UnreachableError if it cannot be had, or not to its end."""
        with _heard():
            async with self._http.get(url) as response:
                response.raise_for_status()
                yield response.content

    async def _sent(self, operation: Data, files: list[tuple[str, File]]) -> Data:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with _heard():
            if not files:
                async with self._http.post(PATH, json=operation, headers=headers) as response:
                    return await _answer(response)
            form = _form(operation, files)
            preflight = {"GraphQL-Require-Preflight": "1"}
            async with self._http.post(PATH, data=form, headers=headers | preflight) as response:
                return await _answer(response)

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        with _heard():
            connecting = self._http.ws_connect(PATH, protocols=[PROTOCOL], heartbeat=HEARTBEAT_SECONDS)
            async with connecting as socket:
                payload = {"authorization": f"Bearer {self.token}"} if self.token else {}
                await socket.send_json({"type": "connection_init", "payload": payload})
                async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
                    await _received(socket)
                yield socket


def _separated(variables: Data) -> tuple[Data, list[tuple[str, File]]]:
    """The variables as JSON with null in the place of each file, and the files with their paths."""
    files: list[tuple[str, File]] = []

    def without_files(value: Any, path: str) -> Any:
        if isinstance(value, File):
            files.append((path, value))
            return None
        if isinstance(value, BaseModel):
            value = {
                field.alias or name: getattr(value, name)
                for name, field in type(value).model_fields.items()
                if name in value.model_fields_set
            }
        if isinstance(value, dict):
            return {name: without_files(held, f"{path}.{name}") for name, held in value.items()}
        if isinstance(value, list):
            return [without_files(held, f"{path}.{index}") for index, held in enumerate(value)]
        return to_jsonable_python(value)

    # What the generated operations leave out is an object of theirs that is false and neither None nor JSON.
    given = {name: value for name, value in variables.items() if type(value).__name__ != "UnsetType"}
    return without_files(given, "variables"), files


def _form(operation: Data, files: list[tuple[str, File]]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("operations", json.dumps(operation))
    form.add_field("map", json.dumps({str(number): [path] for number, (path, _) in enumerate(files)}))
    for number, (_, file) in enumerate(files):
        form.add_field(str(number), _pieces(file), filename=file.filename, content_type=file.content_type)
    return form


async def _pieces(file: File) -> AsyncIterator[bytes]:
    """The file, read while it is sent."""
    await asyncio.to_thread(file.content.seek, 0)
    while piece := await asyncio.to_thread(file.content.read, PIECE_BYTES):
        yield piece


@contextmanager
def _heard() -> Iterator[None]:
    """The exceptions of aiohttp, as ours."""
    try:
        yield
    except aiohttp.ClientConnectorError as error:
        cause = error.os_error
        words = (
            os.strerror(cause.errno) if isinstance(cause, ConnectionError) and cause.errno else cause.strerror
        )
        raise UnreachableError(words or str(error)) from error
    except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        raise UnreachableError(str(error) or type(error).__name__) from error


async def _received(socket: aiohttp.ClientWebSocketResponse) -> Data:
    while True:
        message = await socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        told: Data = message.json()
        if told["type"] == "ping":
            await socket.send_json({"type": "pong"})
        elif told["type"] != "pong":
            return told
    if socket.close_code == FORBIDDEN:
        raise RefusedError(NOT_GOOD, UNAUTHENTICATED)
    raise UnreachableError(f"the connection was closed ({socket.close_code})")


async def _answer(response: aiohttp.ClientResponse) -> Data:
    """What came, without errors. Something else may answer at the address, such as a proxy in front of what is down."""
    try:
        answer = await response.json(content_type=None)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or answer.keys().isdisjoint({"data", "errors"}):
        raise UnreachableError(f"what answers there is no Darkroom: status {response.status}")
    return _checked(answer)


def _checked(answer: Data) -> Data:
    if answer.get("errors"):
        raise _refusal(answer["errors"])
    return answer


def _refusal(errors: list[Data]) -> RefusedError:
    code = errors[0].get("extensions", {}).get("code")
    return RefusedError(NOT_GOOD if code == UNAUTHENTICATED else errors[0]["message"], code)

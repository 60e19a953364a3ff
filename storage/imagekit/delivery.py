"""ImageKit's delivery: it knows of an object at once, and gives its bytes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
)

from errors import StorageError
from storage.imagekit.api import CONNECT_SECONDS, Api, passes

PIECE_BYTES = 256 * 1024
TTL_SECONDS = 300
RETRY_AFTER_SECONDS = (0.25, 1.0)


class NothingThereError(StorageError):
    """ImageKit delivers nothing there."""


@dataclass(frozen=True)
class Delivered:
    """What the answer to a question for an object's bytes says of them."""

    size_bytes: int
    written_at: datetime


class Delivery:
    """Reads originals, past every cache: each address is asked for once."""

    def __init__(self, api: Api, *, timeout_seconds: float) -> None:
        self._api = api
        self._timeout = ClientTimeout(
            total=None, sock_connect=min(CONNECT_SECONDS, timeout_seconds), sock_read=timeout_seconds
        )
        self._session: ClientSession | None = None

    async def head(self, path: str) -> Delivered | None:
        """What is delivered there; None if nothing is."""
        try:
            async with self._asked("HEAD", path, {}) as response:
                size_bytes = response.content_length
                if size_bytes is None:
                    raise StorageError("ImageKit did not say how large an object is")
                return Delivered(size_bytes, _written_at(response))
        except NothingThereError:
            return None

    async def read(self, path: str, start: int, end: int | None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to, not including, `end`."""
        last = "" if end is None else end - 1
        headers = {"Range": f"bytes={start}-{last}"} if start or last else {}
        async with self._asked("GET", path, headers) as response:
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            at = start if response.status == HTTPStatus.PARTIAL_CONTENT else 0
            async for piece in response.content.iter_chunked(PIECE_BYTES):
                wanted = piece[max(start - at, 0) : None if end is None else max(end - at, 0)]
                at += len(piece)
                if wanted:
                    yield wanted
                if end is not None and at >= end:
                    return

    async def close(self) -> None:
        """Closes the connections."""
        if self._session:
            await self._session.close()

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[ClientResponse]:
        address = await self._api.address(
            path, {"original": True}, ttl_seconds=TTL_SECONDS, once=secrets.token_hex(8)
        )
        with _translated():
            async with await self._answer(method, address, headers) as response:
                _require_bytes(response.status)
                yield response

    async def _answer(self, method: str, address: str, headers: Mapping[str, str]) -> ClientResponse:
        """The first answer that is worth having, or the last."""
        for delay in RETRY_AFTER_SECONDS:
            try:
                response = await self._request(method, address, headers)
            except ClientConnectionError as error:
                if isinstance(error, TimeoutError):
                    raise  # it had its time
                await asyncio.sleep(delay)
                continue
            if not passes(response.status):
                return response
            response.close()
            await asyncio.sleep(delay)
        return await self._request(method, address, headers)

    async def _request(self, method: str, address: str, headers: Mapping[str, str]) -> ClientResponse:
        if self._session is None:
            self._session = ClientSession(
                timeout=self._timeout,
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
                cookie_jar=DummyCookieJar(),
                read_bufsize=PIECE_BYTES,
            )
        return await self._session.request(method, address, headers=headers, allow_redirects=False)


def _require_bytes(status: int) -> None:
    if status == HTTPStatus.NOT_FOUND:
        raise NothingThereError("ImageKit delivers nothing there", retryable=False)
    if status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
        raise StorageError(f"ImageKit answered a download with {status}", retryable=passes(status))


def _written_at(response: ClientResponse) -> datetime:
    """When the object was written; now, if the answer does not say."""
    try:
        said = parsedate_to_datetime(response.headers["Last-Modified"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
    return said if said.tzinfo else said.replace(tzinfo=UTC)


@contextmanager
def _translated() -> Iterator[None]:
    """What aiohttp raises, as ours; none of them shows an address."""
    try:
        yield
    except TimeoutError as error:
        raise StorageError("ImageKit did not deliver in time") from error
    except (ClientError, OSError) as error:
        raise StorageError(f"ImageKit did not deliver: {type(error).__name__}") from error

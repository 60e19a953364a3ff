"""Signed requests to a bucket, with an end to every wait and to every repetition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from errors import StorageError
from storage.s3 import documents
from storage.s3.bucket import Bucket
from storage.s3.connection import Head
from storage.s3.connections import Connections, Response
from storage.s3.credentials import CredentialSource
from storage.s3.parts import Part
from storage.s3.refusal import refusal
from storage.s3.signatures import Signer

CONNECT_SECONDS = 5
SILENCE_SECONDS = 15
PATIENCE_SECONDS = 20.0
"""For all attempts at a request together, not counting the time that its body may take."""

SLOWEST_BYTES_PER_SECOND = 100_000
PAUSES_SECONDS = (0.2, 0.8)
"""Before the second attempt and before the third, which is the last. Each is made up to twice as long at random."""

CONNECTIONS = 256

Result = TypeVar("Result")


@dataclass(frozen=True)
class Request:
    """What is asked of a bucket, or of the object `key` in it."""

    method: str
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Part | bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What a bucket answered to a request that it granted. The names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Sends requests over connections that are kept open between them."""

    def __init__(self, bucket: Bucket, credentials: CredentialSource, public: Bucket | None = None) -> None:
        self._bucket = bucket
        self._public = public or bucket
        self._credentials = credentials
        self._opened: Connections | None = None

    async def close(self) -> None:
        """Closes the connections."""
        if self._opened:
            await self._opened.close()

    async def ask(self, request: Request, *, within_seconds: float = PATIENCE_SECONDS) -> Answer:
        """The whole answer.

        Raises:
            ObjectNotFoundError: There is no such object.
            StorageError: It was refused, or not answered in time.
        """

        async def attempt() -> Answer:
            with await self._send(request) as response:
                body = await response.read()
                if response.status >= HTTPStatus.MULTIPLE_CHOICES or _fails_late(request, body):
                    raise refusal(response.status, body, request.key)
                return Answer(response.headers, body)

        return await _attempted(attempt, within_seconds + _seconds_on_the_way(request.body))

    async def open(self, request: Request) -> Response:
        """An answer whose body is still to be read. Whoever reads it closes it.

        Raises:
            ObjectNotFoundError: There is no such object.
            StorageError: It was refused, or not begun in time.
        """

        async def attempt() -> Response:
            response = await self._send(request)
            if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                with response:
                    raise refusal(response.status, await response.read(), request.key)
            return response

        return await _attempted(attempt, PATIENCE_SECONDS)

    async def address(self, request: Request, ttl_seconds: int) -> str:
        """An address at which anybody may make this request, where clients reach the bucket."""
        signer = Signer(self._public, await self._credentials.current())
        return signer.address(request.method, request.key, request.query, request.headers, ttl_seconds)

    async def _send(self, request: Request) -> Response:
        signer = Signer(self._bucket, await self._credentials.current())
        body = request.body
        sha256 = body.sha256 if isinstance(body, Part) else None
        headers = signer.headers(request.method, request.key, request.query, request.headers, sha256)
        target = self._bucket.target(request.key, request.query)
        pieces = body.pieces if isinstance(body, Part) else [body or b""]
        return await self._connections().request(Head(request.method, target, headers), pieces)

    def _connections(self) -> Connections:
        if self._opened is None:
            self._opened = Connections(
                self._bucket.scheme,
                self._bucket.host,
                limit=CONNECTIONS,
                connect_seconds=CONNECT_SECONDS,
                silence_seconds=SILENCE_SECONDS,
            )
        return self._opened


@contextmanager
def translated() -> Iterator[None]:
    """The exceptions of the way to S3 and back, as ours."""
    try:
        yield
    except (TimeoutError, OSError) as error:
        raise StorageError(f"S3 does not answer ({error or type(error).__name__})") from error


def _fails_late(request: Request, body: bytes) -> bool:
    """An upload's completion may be answered with 200 before it fails."""
    return request.method == "POST" and documents.is_error(body)


async def _attempted(attempt: Callable[[], Awaitable[Result]], within_seconds: float) -> Result:
    """What one of a few attempts gives."""
    with translated():
        async with asyncio.timeout(within_seconds):
            for pause_seconds in PAUSES_SECONDS:
                try:
                    with translated():
                        return await attempt()
                except StorageError as error:
                    if not error.retryable:
                        raise
                await asyncio.sleep(pause_seconds * (1 + random.random()))  # noqa: S311 - so that not all come at once
            return await attempt()


def _seconds_on_the_way(body: Part | bytes | None) -> float:
    """How long a body may take before its sender is given up."""
    size_bytes = body.size_bytes if isinstance(body, Part) else len(body or b"")
    return size_bytes / SLOWEST_BYTES_PER_SECOND

"""Bytes that arrive as they were sent: a checksum goes with them, and the provider's own is compared with it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol

from errors import StorageError
from storage.s3.parts import Part
from storage.s3.refusal import RefusedError
from storage.s3.wire import Answer, Request, Wire

CRC32 = "x-amz-checksum-crc32"
SHA256 = "x-amz-checksum-sha256"
BY_CRC32 = {"x-amz-checksum-algorithm": "CRC32"}
UNKNOWN_HEADER = frozenset({"InvalidArgument", "InvalidRequest", "NotImplemented"})
OF_PARTS = "-"
"""Stands in a checksum that is not the object's but one of its parts' checksums."""


class Sum(Protocol):
    """A checksum in the making, as `hashlib` has them."""

    def update(self, piece: bytes, /) -> None:
        """Goes on with these bytes."""
        ...

    def digest(self) -> bytes:
        """The checksum of all so far."""
        ...


class Crc32:
    """The sum that costs least: half of a SHA-256."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, piece: bytes | memoryview, /) -> None:
        """Goes on with these bytes."""
        self._value = zlib.crc32(piece, self._value)

    def digest(self) -> bytes:
        """The checksum of all so far."""
        return self._value.to_bytes(4, "big")


SUMS: Mapping[str, Callable[[], Sum]] = {SHA256: hashlib.sha256, CRC32: Crc32}


class Checked:
    """Sends checksums along until the provider says that it knows no such header."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._are_known = True

    async def begin(self, request: Request) -> Answer:
        """The answer to a request that announces parts."""
        return await self._ask(request, BY_CRC32)

    async def send(self, request: Request, part: Part) -> Answer:
        """The answer to a request with a body.

        Raises:
            StorageError: Among its other reasons, that something else has arrived, and is kept.
        """
        name, checksum = _summed_up(part)
        answer = await self._ask(request, {name: checksum}, part)
        if answer.headers.get(name, checksum) != checksum:
            raise StorageError(f"S3 has received other bytes of {request.key!r} than were sent")
        return answer

    async def _ask(self, request: Request, checksum: Mapping[str, str], part: Part | None = None) -> Answer:
        def with_headers(headers: Mapping[str, str]) -> Request:
            return Request(request.method, request.key, request.query, headers, part)

        if self._are_known:
            try:
                return await self._wire.ask(with_headers({**request.headers, **checksum}))
            except RefusedError as error:
                if not _knows_no_checksums(error):
                    raise
                self._are_known = False
        return await self._wire.ask(with_headers(request.headers))


def encoded(digest: bytes) -> str:
    """A checksum as S3 writes it."""
    return base64.b64encode(digest).decode()


def promised(headers: Mapping[str, str]) -> tuple[Sum, str] | None:
    """The checksum that an object has according to the provider, and a sum to compare with it."""
    for name, sum_of in SUMS.items():
        checksum = headers.get(name)
        if checksum and OF_PARTS not in checksum:
            return sum_of(), checksum
    return None


def _summed_up(part: Part) -> tuple[str, str]:
    """The header that says what the part's bytes sum up to, and its value."""
    if part.sha256:
        return SHA256, encoded(part.sha256)
    crc32 = Crc32()
    for piece in part.pieces:
        crc32.update(piece)
    return CRC32, encoded(crc32.digest())


def _knows_no_checksums(error: RefusedError) -> bool:
    """Backblaze and others refuse headers that they do not know; most ignore them."""
    return error.status == HTTPStatus.NOT_IMPLEMENTED or (
        error.code in UNKNOWN_HEADER and "header" in error.message.lower()
    )

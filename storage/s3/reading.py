"""How an object comes out of a bucket: in pieces, and to its end although a connection breaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from http import HTTPStatus

from errors import StorageError
from storage.s3.checksums import Sum, encoded, promised
from storage.s3.connections import Response
from storage.s3.refusal import RefusedError
from storage.s3.wire import Request, Wire

RESUMPTIONS = 2


class Reading:
    """The bytes of an object from `start` up to, not including, `end`."""

    def __init__(self, wire: Wire, key: str, start: int, end: int | None) -> None:
        self._wire = wire
        self._key = key
        self._at = start
        self._end = end
        self._is_whole = start == 0 and end is None
        self._etag: str | None = None
        self._promised: tuple[Sum, str] | None = None

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes as they come. Where they break off, they are asked for again from there."""
        for resumptions_left in reversed(range(RESUMPTIONS + 1)):
            response = await self._open()
            if response is None:
                break
            try:
                async for piece in response.pieces():
                    self._count(piece)
                    yield piece
            except (TimeoutError, OSError) as error:
                if not resumptions_left:
                    raise StorageError(f"S3: {self._key!r} broke off ({type(error).__name__})") from error
            else:
                break
            finally:
                response.close()
        if self._promised and encoded(self._promised[0].digest()) != self._promised[1]:
            raise StorageError(f"S3: {self._key!r} is not what was put there")

    async def _open(self) -> Response | None:
        """The answer with what is still wanted; None if that begins where the object has ended."""
        headers = self._headers()
        try:
            response = await self._wire.open(Request("GET", self._key, headers=headers))
        except RefusedError as error:
            if error.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return None
            if error.status == HTTPStatus.PRECONDITION_FAILED:
                raise StorageError(f"S3: {self._key!r} was replaced while it was read") from error
            raise
        if "Range" in headers and response.status != HTTPStatus.PARTIAL_CONTENT:
            response.close()
            raise StorageError("S3 gave the whole of an object, wanted a part", retryable=False)
        if self._etag is None:
            self._etag = response.headers.get("etag")
            self._promised = promised(response.headers) if self._is_whole else None
        return response

    def _headers(self) -> dict[str, str]:
        if self._at == 0 and self._end is None:
            return {"x-amz-checksum-mode": "ENABLED"}
        last = "" if self._end is None else self._end - 1
        same = {"If-Match": self._etag} if self._etag else {}
        return {"Range": f"bytes={self._at}-{last}", **same}

    def _count(self, piece: bytes) -> None:
        self._at += len(piece)
        if self._promised:
            self._promised[0].update(piece)

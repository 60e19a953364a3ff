"""Reads multipart/form-data by pulling: a part's bytes are handed on while they arrive, uncopied and unkept.

Source: RFC 7578, and RFC 2046 section 5.1 for the delimiters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from body import Body
from errors import MalformedRequestError, PayloadTooLargeError

HEAD_BYTES = 8 * 1024
OCTET_STREAM = "application/octet-stream"

_BOUNDARY = re.compile(rb';\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70})(?=\s*(?:;|$)))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([a-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """What the headers of a part say.

    `filename` is None for a plain field, and empty for a file that goes without: some clients only say of its bytes
    that they are an `application/octet-stream`.
    """

    name: str
    filename: str | None


class PartReader:
    """The parts of a body in the order of the wire; whatever nobody asks for is skipped.

    Args:
        body: Where the bytes come from.
        content_type: The request's header; it names the boundary.

    Raises:
        MalformedRequestError: The header names no boundary.
    """

    def __init__(self, body: Body, content_type: bytes) -> None:
        boundary = _BOUNDARY.search(content_type)
        if boundary is None:
            raise MalformedRequestError("The header Content-Type names no usable boundary.")
        self._body = body
        self._delimiter = b"\r\n--" + (boundary[1] or boundary[2])
        self._buffer = b"\r\n"  # so that the first delimiter looks like the others
        self._position = 0
        self._inside = True  # what stands before the first delimiter is skipped like a part's content
        self._ended = False

    async def next_part(self) -> Part | None:
        """Skips what is left of the present part and opens the next; None after the last.

        Raises:
            MalformedRequestError: This is not multipart/form-data, or it ends too early.
        """
        while await self.piece() is not None:
            pass
        if not self._ended:
            self._ended = await self._at_end()
        if self._ended:
            return None
        head = await self._until(b"\r\n\r\n", HEAD_BYTES)
        padding, _, headers = head.partition(b"\r\n")
        if padding.strip(b" \t"):
            raise MalformedRequestError("Something stands behind a boundary in the multipart body.")
        self._inside = True
        return _part(headers)

    async def piece(self) -> memoryview | None:
        """The next bytes of the present part, never empty; None at its end. They stay valid."""
        while self._inside:
            piece = self._take()
            if piece:
                return piece
            if self._inside:
                await self._fill()
        return None

    async def text(self, limit_bytes: int) -> bytes:
        """All that is left of the present part.

        Raises:
            PayloadTooLargeError: It is more than `limit_bytes`.
        """
        text = bytearray()
        while (piece := await self.piece()) is not None:
            text += piece
            if len(text) > limit_bytes:
                raise PayloadTooLargeError(f"A field of the form is larger than {limit_bytes:,} bytes.")
        return bytes(text)

    async def drain(self) -> None:
        """Throws away the rest of the body, well formed or not; there is no part to be read afterwards."""
        await self._body.drain()

    def _take(self) -> memoryview:
        """What of the buffer surely belongs to the present part; closes the part at its delimiter."""
        start, end = self._position, self._buffer.find(self._delimiter, self._position)
        if end >= 0:
            self._position, self._inside = end + len(self._delimiter), False
            return memoryview(self._buffer)[start:end]
        end = len(self._buffer)
        perhaps = self._buffer.rfind(b"\r", max(start, end - len(self._delimiter) + 1))
        if perhaps >= 0 and self._delimiter.startswith(self._buffer[perhaps:]):
            end = perhaps  # a delimiter may have begun: it is only known with the next bytes
        self._position = end
        return memoryview(self._buffer)[start:end]

    async def _fill(self) -> None:
        if self._body.complete:
            raise MalformedRequestError("The multipart body ends before its last boundary.")
        arrived = await self._body.pull()
        self._buffer = self._buffer[self._position :] + arrived  # no copy if nothing is left over
        self._position = 0

    async def _at_end(self) -> bool:
        while len(self._buffer) - self._position < len(b"--"):
            await self._fill()
        return self._buffer.startswith(b"--", self._position)

    async def _until(self, mark: bytes, limit_bytes: int) -> bytes:
        while (end := self._buffer.find(mark, self._position)) < 0:
            if len(self._buffer) - self._position > limit_bytes:
                break
            await self._fill()
        if not 0 <= end - self._position <= limit_bytes:
            raise MalformedRequestError(f"The headers of a part are longer than {limit_bytes:,} bytes.")
        found = self._buffer[self._position : end]
        self._position = end + len(mark)
        return found


@lru_cache(maxsize=64)
def _part(headers: bytes) -> Part:
    """Remembered, since most clients say the same of their parts again and again."""
    lines = (line.partition(":") for line in headers.decode("utf-8", "replace").split("\r\n"))
    said = {key.strip().lower(): value.strip() for key, _, value in lines}
    disposition = _PARAMETER.finditer(said.get("content-disposition", ""))
    given = {found[1].lower(): _value(found) for found in disposition}
    if "name" not in given:
        raise MalformedRequestError("A part of the multipart body has no name.")
    nameless = "" if said.get("content-type", "").lower() == OCTET_STREAM else None
    return Part(given["name"], given.get("filename*", given.get("filename", nameless)))


def _value(parameter: re.Match[str]) -> str:
    quoted, plain = parameter[2], parameter[3]
    if quoted is not None:
        return quoted.replace('\\"', '"')
    if parameter[1].endswith("*"):  # charset'language'percent-encoded text; the charset is UTF-8 by RFC 7578
        return unquote(plain.rpartition("'")[2])
    return plain

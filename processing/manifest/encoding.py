"""The bytes of a manifest, in blocks, and the text that they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Final

from errors import FileTooLargeError, UnsupportedFormatError
from processing.manifest.problems import Code, Problem

BLOCK_BYTES: Final = 2**20

_NO_TEXT: Final = re.compile(r"[\0\ud800-\udfff]")
_UNDECODED: Final = "\udc80"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN: Final = (
    (
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Save the sheet as CSV and send that (XLSX_NOT_CSV).",
    ),
    (b"\x1f\x8b", "application/gzip", "Unpack it and send the CSV inside (COMPRESSED_NOT_CSV)."),
)


async def blocks(
    pieces: AsyncIterable[bytes | bytearray | memoryview], block_bytes: int, max_bytes: int
) -> AsyncGenerator[tuple[bytes, bool], None]:
    """The same bytes in blocks of one size, however they were cut, and whether each is the last.

    The last may be shorter, and empty if there are no bytes at all.

    Raises:
        FileTooLargeError: Where the first byte above `max_bytes` would have come.
    """
    waiting, taken_bytes = bytearray(), 0
    async for piece in pieces:
        waiting += piece
        while len(waiting) > block_bytes:
            taken_bytes += block_bytes
            if taken_bytes >= max_bytes:
                raise FileTooLargeError(max_bytes)
            yield bytes(waiting[:block_bytes]), False
            del waiting[:block_bytes]
    if taken_bytes + len(waiting) > max_bytes:
        raise FileTooLargeError(max_bytes)
    yield bytes(waiting), True


class Decoder:
    """Text from blocks: UTF-8 with or without a byte order mark, UTF-16 with one.

    Bytes that mean nothing become lone surrogates, for `unreadable` to find them in the row that they spoil.

    Args:
        start: The first block.

    Raises:
        UnsupportedFormatError: It begins a file of another format.
    """

    def __init__(self, start: bytes) -> None:
        for signature, media_type, wanted in _FOREIGN:
            if start.startswith(signature):
                raise UnsupportedFormatError(media_type, wanted)
        self._mark, codec = next((m for m in _MARKS if start.startswith(m[0])), (b"", "utf-8"))
        self.name = "UTF-8" if codec == "utf-8" else "UTF-16"
        errors = "surrogateescape" if codec == "utf-8" else "surrogatepass"
        self._decoder = codecs.getincrementaldecoder(codec)(errors)

    def decode(self, block: bytes, *, is_last: bool) -> str:
        """The text of the next block, as far as it is complete."""
        block, self._mark = block[len(self._mark) :], b""
        waiting, _ = self._decoder.getstate()
        if self.name == "UTF-16" and is_last and (len(waiting) + len(block)) % 2:
            return self._decoder.decode(block[:-1], final=True) + _UNDECODED
        return self._decoder.decode(block, is_last)


def unreadable(line: int, text: str) -> Problem | None:
    """What a row, or a header, has in it that no text has."""
    spoilt = _NO_TEXT.search(text)
    if spoilt is None:
        return None
    if spoilt.group() == "\0":
        return Problem(line, Code.NUL_CHARACTER, "There is a NUL character here, as in no text.")
    return Problem(
        line, Code.INVALID_ENCODING, "There are bytes here that mean nothing in the file's encoding."
    )

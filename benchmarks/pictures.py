"""JPEGs of an exact size, with a place in them whose bytes may be anything."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator

from benchmarks.load import UNIQUE_BYTES
from tests.pictures import photo

START_BYTES = 2
COMMENT = 0xFFFE
COMMENT_HEAD_BYTES = 4
COMMENT_MAX_BYTES = 0xFFFF + 2
ENCODED_SHARE = 0.9

UNIQUE_AT = START_BYTES + COMMENT_HEAD_BYTES
"""Where the first comment's text begins."""


@functools.cache
def jpeg(size_bytes: int) -> bytes:
    """A JPEG of exactly this size: nine tenths picture, the rest comments, the first with UNIQUE_BYTES at UNIQUE_AT."""
    return b"".join(padded(photo(round(size_bytes * ENCODED_SHARE)), size_bytes))


def padded(encoded: bytes, size_bytes: int) -> Iterator[bytes]:
    """A JPEG made this large with comments, piece by piece."""
    yield encoded[:START_BYTES]
    yield from _comments(size_bytes - len(encoded))
    yield encoded[START_BYTES:]


def _comments(size_bytes: int) -> Iterator[bytes]:
    """Comment segments of this size together; it is at least that of the shortest that holds UNIQUE_BYTES."""
    shortest = COMMENT_HEAD_BYTES + UNIQUE_BYTES
    left = size_bytes
    while left:
        length = left if left <= COMMENT_MAX_BYTES else min(COMMENT_MAX_BYTES, left - shortest)
        yield struct.pack(">HH", COMMENT, length - 2) + bytes(length - COMMENT_HEAD_BYTES)
        left -= length

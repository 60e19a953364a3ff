"""The boxes that ISO base media files are made of, read from bytes already at hand.

Source: ISO/IEC 14496-12, 4.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import errors

BOX_HEADER_BYTES: Final = 8
MAX_PARTS: Final = 50_000
"""Boxes inside one box, or fields read of one; far above what a picture is described with, and soon read."""


class Fields:
    """A box's fields, read one after the other."""

    def __init__(self, payload: memoryview) -> None:
        self.rest = payload
        self._taken_count = 0

    def number(self, size_bytes: int) -> int:
        """The next unsigned number of this width; 0 if it has none."""
        return int.from_bytes(self.take(size_bytes), "big")

    def take(self, size_bytes: int) -> bytes:
        """The next bytes."""
        self._taken_count += 1
        if size_bytes > len(self.rest) or self._taken_count > MAX_PARTS:
            raise broken()
        taken, self.rest = bytes(self.rest[:size_bytes]), self.rest[size_bytes:]
        return taken

    def version_and_flags(self) -> tuple[int, int]:
        """The first four bytes of a full box."""
        return self.number(1), self.number(3)


def boxes(payload: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """The boxes side by side in `payload`: kind and content."""
    for _ in range(MAX_PARTS):
        if not payload:
            return
        if len(payload) < BOX_HEADER_BYTES:
            raise broken()
        size, kind = struct.unpack_from(">I4s", payload)
        size = size or len(payload)  # 0: up to the end
        if not BOX_HEADER_BYTES <= size <= len(payload):
            raise broken()
        yield kind, payload[BOX_HEADER_BYTES:size]
        payload = payload[size:]
    raise broken()


def find(payload: memoryview, *path: bytes) -> memoryview | None:
    """The content of the first box at `path`, outermost first; None if there is none."""
    found: memoryview | None = payload
    for kind in path:
        if found is None:
            return None
        found = next((content for each, content in boxes(found) if each == kind), None)
    return found


def broken() -> errors.CorruptImageError:
    """The refusal of a description that does not add up."""
    return errors.CorruptImageError("The AVIF file's description of its picture is broken.")

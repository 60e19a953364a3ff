"""GridFS chunks: the bytes of an object, cut as the specification lays them out."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

CHUNK_BYTES = 255 * 1024

Chunk = dict[str, Any]


class Cutter:
    """Cuts bytes into the chunks of one object; `whole` are those that are full and not taken yet."""

    def __init__(self, file_id: ObjectId) -> None:
        self._file_id = file_id
        self._number = 0
        self._begun: list[bytes | memoryview] = []
        self._begun_bytes = 0
        self.whole: list[Chunk] = []

    def feed(self, piece: bytes | memoryview) -> None:
        """Takes the next bytes."""
        rest = memoryview(piece)
        while self._begun_bytes + len(rest) >= CHUNK_BYTES:
            cut = CHUNK_BYTES - self._begun_bytes
            self._add(rest[:cut])
            self._close()
            rest = rest[cut:]
        if len(rest):
            self._add(rest)

    def rest(self) -> list[Chunk]:
        """What was not taken yet, the last chunk however short."""
        if self._begun:
            self._close()
        return self.whole

    def _add(self, part: memoryview) -> None:
        self._begun.append(part)
        self._begun_bytes += len(part)

    def _close(self) -> None:
        content = b"".join(self._begun)
        chunk = {"_id": ObjectId(), "files_id": self._file_id, "n": self._number, "data": content}
        self.whole.append(chunk)
        self._number += 1
        self._begun, self._begun_bytes = [], 0

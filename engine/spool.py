"""Keeps bytes for a later reader: a few in memory, more in a temporary file that has no name and leaves nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncGenerator
from typing import IO

from anyio import to_thread

MEMORY_BYTES = 512 * 1024
READ_BYTES = 256 * 1024


class Spool:
    """Written once from the start to the end, then read by any number of readers, each from the start."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._file: IO[bytes] | None = None

    async def write(self, piece: bytes | memoryview) -> None:
        """Adds a copy of `piece`."""
        self._held += piece
        if len(self._held) > MEMORY_BYTES:
            await self._move_to_file()

    async def finish(self) -> None:
        """To be called after the last write and before the first reader starts."""
        if self._file is not None:
            await self._move_to_file()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """All the bytes, in order."""
        if self._file is None:
            yield bytes(self._held)
            return
        offset = 0
        while piece := await to_thread.run_sync(os.pread, self._file.fileno(), READ_BYTES, offset):
            offset += len(piece)
            yield piece

    def close(self) -> None:
        """Gives everything back."""
        self._held.clear()
        if self._file is not None:
            self._file.close()

    async def _move_to_file(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close(): it lives as long as the request
        held, self._held = self._held, bytearray()
        await to_thread.run_sync(_append, self._file, held)


def _append(file: IO[bytes], held: bytearray) -> None:
    file.write(held)
    file.flush()

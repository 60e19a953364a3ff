"""Bytes on their way to an upload, which begins when there are no more: in memory while they are few, else in a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, Self

from errors import StorageError
from storage.threads import Threads

MEMORY_BYTES = 1024 * 1024


class Spool:
    """Takes pieces, then gives them all; what it has is gone at the end of the block."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._waiting: list[bytes | memoryview] = []
        self._waiting_bytes = 0
        self._file: BinaryIO | None = None
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._waiting = []
        if self._file:
            await self._threads.run(self._file.close)

    async def add(self, piece: bytes | memoryview) -> None:
        """Takes the next bytes."""
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        self.size_bytes += len(piece)
        if self._waiting_bytes >= MEMORY_BYTES:
            await self._threads.run(self._spill)

    async def content(self) -> bytes | BinaryIO:
        """All of it, or a file that can be read from its beginning."""
        if self._file is None:
            return b"".join(self._waiting)
        await self._threads.run(self._spill)
        return self._file

    def _spill(self) -> None:
        with _translated():
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115 - closed with the spool
            self._file.writelines(self._waiting)
            self._file.flush()
        self._waiting, self._waiting_bytes = [], 0


@contextmanager
def _translated() -> Iterator[None]:
    """The operating system's exceptions, as ours."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"an upload found no room on its way: {error.strerror}") from error

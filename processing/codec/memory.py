"""Bytes that processes share: written once, then sealed, and gone with the last who looks at them."""

from __future__ import annotations

import fcntl
import mmap
import os
import sys
import tempfile
from typing import Final, Self

UNCHANGING: Final = 0x2 | 0x4 | 0x8
"""The seals against shrinking, growing and writing."""


class SharedMemory:
    """A file without a name. Its pages are freed once it is closed and no view of it is left.

    Once sealed it never changes again, whoever else has it open. So a view of it can be read without fear of a process
    that has gone wrong: a page that is taken away while it is read would end the reader.
    """

    def __init__(self) -> None:
        self.fd = _anonymous()
        self.size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Appends."""
        self.size_bytes += write(self.fd, piece, at=self.size_bytes)

    def view(self) -> memoryview:
        """What is in it, in place."""
        return view(self.fd, self.size_bytes)

    def seal(self) -> None:
        """Ends writing.

        Raises:
            OSError: Somebody has mapped it for writing.
        """
        if sys.platform == "linux":
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, UNCHANGING)
        self.size_bytes = os.fstat(self.fd).st_size


def view(fd: int, size_bytes: int) -> memoryview:
    """The first bytes of a file, in place; good also after the file is closed."""
    if not size_bytes:
        return memoryview(b"")
    return memoryview(mmap.mmap(fd, size_bytes, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ))


def write(fd: int, piece: bytes | bytearray | memoryview, *, at: int) -> int:
    """Writes all of a piece, and says how long it is."""
    left = memoryview(piece).cast("B")
    size_bytes = len(left)
    while left:
        written = os.pwrite(fd, left, at)
        at, left = at + written, left[written:]
    return size_bytes


def _anonymous() -> int:
    if sys.platform == "linux":
        return os.memfd_create("image", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:  # noqa: RET505 - so the type checker passes over it
        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())

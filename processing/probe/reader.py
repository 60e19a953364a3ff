"""Bytes that arrive in pieces of any length, read by generators that pause whenever they need more.

A format is then written as one straight read-down (`head = yield from reader.take(12)`), does no I/O, and cannot
tell where the pieces were cut.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeVar

import errors

MAX_STEPS: Final = 250_000
"""Far above what a real picture of any size is made of; bounds the time that millions of empty segments would take."""

FIRST_OF_TWO: Final = 0xFF

T = TypeVar("T")
Steps = Generator[None, None, T]
Window = bytes | bytearray | memoryview


class Reader:
    """A window over the bytes: what has not been read yet of the pieces fed so far, and never more."""

    def __init__(self) -> None:
        self._window: Window = b""
        self._at = 0  # beyond the window's end while bytes are skipped that have not come yet
        self._window_offset = 0
        self._ended = False
        self._steps = 0

    @property
    def offset(self) -> int:
        """How many bytes lie before the next one to be read, counted from the first of the file."""
        return self._window_offset + self._at

    def feed(self, piece: Window) -> None:
        """Adds the next bytes, which are read where they are. What is not read at once is kept as a copy."""
        if isinstance(self._window, bytearray):
            self._window += piece
        else:
            self._window = memoryview(piece)

    def end(self) -> None:
        """Says that no more bytes will come."""
        self._ended = True

    def let_go(self) -> None:
        """Keeps nothing any more; there is nothing to be read afterwards."""
        self._window = b""

    def take(self, count: int) -> Steps[bytes]:
        """The next `count` bytes."""
        self._count_step()
        while len(self._window) - self._at < count:
            yield from self._more()
        taken = bytes(self._window[self._at : self._at + count])
        self._at += count
        return taken

    def peek(self, count: int) -> Steps[bytes]:
        """The next `count` bytes, fewer if the file ends before; they stay unread."""
        while len(self._window) - self._at < count and not self._ended:
            yield from self._pause()
        return bytes(self._window[self._at : self._at + count])

    def skip(self, count: int) -> Steps[None]:
        """Passes over `count` bytes, which must come but are not kept."""
        self._at += count
        while self._at > len(self._window):
            yield from self._more()

    def skip_to(self, offset: int) -> Steps[None]:
        """Passes over everything before `offset`, which has not been passed yet."""
        yield from self.skip(offset - self.offset)

    def skip_to_end(self) -> Steps[None]:
        """Passes over all that is left."""
        while not self._ended:
            self._at = len(self._window)
            yield from self._pause()
        self._at = len(self._window)

    def seek(self, find: Callable[[Window, int], int]) -> Steps[None]:
        """Passes over everything before what `find` finds: one byte, or two that begin with FF.

        It is given a window and the place to begin at, and gives the place of the first, or -1.
        """
        self._count_step()
        while (found := find(self._window, self._at)) < 0:
            begins = self._at < len(self._window) and self._window[-1] == FIRST_OF_TWO
            self._at = len(self._window) - begins
            yield from self._more()
        self._at = found

    def skip_runs(self) -> Steps[None]:
        """Passes over runs of bytes that each begin with their length in one byte, up to the run of length 0."""
        self._count_step()
        while True:
            at, end = self._at, len(self._window)
            while at < end and (length := self._window[at]):
                at += length + 1
            self._at = at
            if at < end:
                self._at += 1
                return
            yield from self._more()

    def _more(self) -> Steps[None]:
        if self._ended:
            raise errors.CorruptImageError("The file is cut short: it ends before its picture does.")
        yield from self._pause()

    def _pause(self) -> Steps[None]:
        """Waits for the next bytes, and lets go of those already read."""
        passed = min(self._at, len(self._window))
        if passed == len(self._window):
            self._window = b""
        elif isinstance(self._window, bytearray):
            del self._window[:passed]
        else:
            self._window = bytearray(self._window[passed:])
        self._window_offset += passed
        self._at -= passed
        yield

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise errors.CorruptImageError("The file is broken into more parts than a picture has.")

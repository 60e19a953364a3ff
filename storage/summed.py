"""Bytes that are summed up on their way to storage by whoever sends them, so that no adapter need do it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable


class Summed(AsyncIterator[bytes | memoryview]):
    """The pieces, and what they sum up to.

    Args:
        pieces: The bytes.
        sha256: Gives their SHA-256 once all have passed.
    """

    def __init__(self, pieces: AsyncIterator[bytes | memoryview], sha256: Callable[[], bytes]) -> None:
        self._pieces = pieces
        self.sha256 = sha256

    def __anext__(self) -> Awaitable[bytes | memoryview]:
        """The next of them."""
        return self._pieces.__anext__()

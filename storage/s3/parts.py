"""Bytes on their way out, in parts as large as S3 wants them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence

PART_BYTES = 5 * 2**20
"""The smallest that S3 allows. All but the last are as large: not every provider takes parts of different sizes."""


class Part:
    """A body that can be sent several times.

    Attributes:
        size_bytes: How large it is.
        sha256: Of its bytes, where somebody else has summed them up already.
    """

    def __init__(self) -> None:
        self._pieces: list[memoryview] = []
        self.size_bytes = 0
        self.sha256: bytes | None = None

    @property
    def is_full(self) -> bool:
        """Whether it is as large as a part ever is."""
        return self.size_bytes == PART_BYTES

    @property
    def pieces(self) -> Sequence[memoryview]:
        """Its bytes."""
        return self._pieces

    def take(self, piece: bytes | memoryview) -> memoryview:
        """Takes as much as there is room for, and gives the rest."""
        whole = memoryview(piece)
        taken = whole[: PART_BYTES - self.size_bytes]
        if taken:
            self._pieces.append(taken)
            self.size_bytes += len(taken)
        return whole[len(taken) :]

    def clear(self) -> None:
        """Lets go of the bytes."""
        self._pieces.clear()


async def parts_of(pieces: AsyncIterator[bytes | memoryview]) -> AsyncGenerator[Part, None]:
    """The pieces in parts, the first of which may be empty and the last of which may be short."""
    part = Part()
    async for piece in pieces:
        rest = part.take(piece)
        while rest:
            yield part
            part = Part()
            rest = part.take(rest)
    yield part

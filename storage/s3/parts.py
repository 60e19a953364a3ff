"""Bytes on their way out, in parts as large as S3 wants them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

PART_BYTES = 5 * 2**20
"""The smallest that S3 allows. All but the last are as large: not every provider takes parts of different sizes."""


class Part(Payload):
    """A body that can be sent several times.

    Attributes:
        sha256: Of its bytes, where somebody else has summed them up already.
    """

    _size: int
    _value: list[memoryview]

    def __init__(self) -> None:
        super().__init__([])
        self._size = 0
        self.sha256: bytes | None = None

    @property
    def size_bytes(self) -> int:
        return self._size

    @property
    def is_full(self) -> bool:
        """Whether it is as large as a part ever is."""
        return self._size == PART_BYTES

    @property
    def pieces(self) -> Sequence[memoryview]:
        """Its bytes."""
        return self._value

    def take(self, piece: bytes | memoryview) -> memoryview:
        """Takes as much as there is room for, and gives the rest."""
        whole = memoryview(piece)
        taken = whole[: PART_BYTES - self._size]
        if taken:
            self._value.append(taken)
            self._size += len(taken)
        return whole[len(taken) :]

    def clear(self) -> None:
        """Lets go of the bytes."""
        self._value.clear()

    async def write(self, writer: AbstractStreamWriter) -> None:
        for piece in self._value:
            await writer.write(piece, drain=False)  # type: ignore[call-arg]  # the abstract writer hides that it can
        await writer.drain()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(self._value).decode(encoding, errors)


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

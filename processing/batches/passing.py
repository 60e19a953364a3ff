"""A manifest that is read while its bytes go to storage, at the pace of whichever of the two is slower."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator

from processing.manifest import Limits, Reading
from storage.gathering import gathered

Piece = bytes | memoryview


class Passing:
    """Bytes on their way past a reading. `reading` and the checksum are complete once all have passed."""

    def __init__(self, limits: Limits) -> None:
        self._queue: asyncio.Queue[Piece | None] = asyncio.Queue(1)
        self._checksum = hashlib.sha256()
        self.reading = Reading(self._handed(), limits)

    async def pieces(self, pieces: AsyncGenerator[Piece, None]) -> AsyncGenerator[Piece, None]:
        """The same pieces, as far as they are read.

        Raises:
            FileTooLargeError, UnsupportedFormatError: As `Reading.rows`.
        """
        reader = asyncio.create_task(self._read())
        try:
            async for piece in gathered(pieces):
                self._checksum.update(piece)
                if not await self._hand(piece, reader):
                    return
                yield piece
            await self._hand(None, reader)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    def sha256(self) -> bytes:
        """The checksum of what has passed."""
        return self._checksum.digest()

    async def _read(self) -> None:
        async for _ in self.reading.rows():
            pass

    async def _hand(self, piece: Piece | None, reader: asyncio.Task[None]) -> bool:
        """Waits until the reader has room for the piece, and after the last until it is done; False if it wants no more."""
        handing = asyncio.ensure_future(self._queue.put(piece))
        try:
            await asyncio.wait({handing, reader}, return_when=asyncio.FIRST_COMPLETED)
            if piece is None:
                await asyncio.wait({reader})
        finally:
            handing.cancel()
        if reader.done():
            reader.result()
            return False
        return True

    async def _handed(self) -> AsyncGenerator[Piece, None]:
        while (piece := await self._queue.get()) is not None:
            yield piece

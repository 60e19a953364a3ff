"""Small pieces made into larger ones: each costs hundreds of bytes beside its own while it waits to be sent on."""

from __future__ import annotations

from collections.abc import AsyncIterator

SMALL_BYTES = 4 * 1024
GATHERED_BYTES = 64 * 1024


async def gathered(pieces: AsyncIterator[bytes | memoryview]) -> AsyncIterator[bytes | memoryview]:
    """The same bytes; whoever sends them one by one makes nobody keep them one by one."""
    waiting = bytearray()
    async for piece in pieces:
        if len(piece) < SMALL_BYTES and len(waiting) < GATHERED_BYTES:
            waiting += piece
            continue
        if waiting:
            yield bytes(waiting)
            waiting.clear()
        yield piece
    if waiting:
        yield bytes(waiting)

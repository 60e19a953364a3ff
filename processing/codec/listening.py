"""The worker's ear: it waits in an event loop, which no process of the codec has."""

from __future__ import annotations

import asyncio
import socket

from pydantic import ValidationError

from processing.codec import wire


async def answer(line: socket.socket) -> wire.Line:
    """What comes back for a job. It is the last line if more lines are there, or if the process has ended."""
    loop = asyncio.get_running_loop()
    received = b""
    while b"\n" not in received:
        piece = await loop.sock_recv(line, wire.MOST_BYTES)
        if not piece or len(received) > wire.MOST_BYTES:
            return wire.Line(is_last=True)
        received += piece
    first, _, rest = received.partition(b"\n")
    try:
        said = wire.Line.model_validate_json(first)
    except ValidationError:
        return wire.Line(is_last=True)
    return said.model_copy(update={"is_last": bool(rest) or said.is_last or said.status is not None})

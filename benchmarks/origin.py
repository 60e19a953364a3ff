"""Somebody's web server with pictures of one size: `/17.jpg` is a JPEG that differs from all others, `/17/…` too.

Usage: python -m benchmarks.origin PORT SIZE_BYTES. Pictures below 100 kB are a few pixels and a comment.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Final, cast

import uvloop

from benchmarks import pictures
from benchmarks.load import HOST, UNIQUE_BYTES
from tests.pictures import jpeg

PHOTOGRAPH_BYTES: Final = 100_000
REQUESTED: Final = re.compile(rb"GET /(\d+)")


def picture(size_bytes: int) -> bytes:
    """What is served, before it is given a number."""
    if size_bytes >= PHOTOGRAPH_BYTES:
        return pictures.photograph(size_bytes)
    return b"".join(pictures.padded(jpeg(32, 24), size_bytes))


def numbered(content: bytes, number: int) -> bytes:
    """The picture of this number."""
    begin, end = pictures.UNIQUE_AT, pictures.UNIQUE_AT + UNIQUE_BYTES
    return content[:begin] + b"%0*d" % (UNIQUE_BYTES, number) + content[end:]


class Origin(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(
            content
        )
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answers every whole request."""
        *requests, self._left = (self._left + data).split(b"\r\n\r\n")
        for request in requests:
            found = REQUESTED.match(request)
            number = int(found[1]) if found else 0
            self._transport.write(self._head + numbered(self._content, number))


async def main(port: int, size_bytes: int) -> None:
    """Serves until it is killed."""
    content = picture(size_bytes)
    server = await asyncio.get_running_loop().create_server(lambda: Origin(content), HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))

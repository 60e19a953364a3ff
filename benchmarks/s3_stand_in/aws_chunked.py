"""`aws-chunked`: how S3 clients send a body whose checksum they know only when it has passed.

Source: "Signature calculations for the Authorization header: transferring payload in multiple chunks" of Amazon S3's
API reference. Signatures of chunks are read past.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

LINE_END: Final = b"\r\n"


class Decoder:
    """Takes the body as it comes, gives what was meant; `trailers` is complete when the last chunk has passed."""

    def __init__(self) -> None:
        self.trailers: dict[str, str] = {}
        self._held = b""
        self._left_of_chunk = 0
        self._over = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The content in it."""
        self._held += piece
        while self._held:
            if self._left_of_chunk:
                content, self._held = self._held[: self._left_of_chunk], self._held[self._left_of_chunk :]
                self._left_of_chunk -= len(content)
                yield content
                continue
            line, found, rest = self._held.partition(LINE_END)
            if not found:
                return
            self._held = rest
            self._take(line.decode("latin-1"))

    def _take(self, line: str) -> None:
        """A line between chunks: the empty one that ends a chunk, the length of the next, or a trailer."""
        if self._over:
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        elif line:
            self._left_of_chunk = int(line.partition(";")[0], 16)
            self._over = self._left_of_chunk == 0

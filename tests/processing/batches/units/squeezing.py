"""A codec for tests: what it makes is half of what it is given, and it fails when it is told to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from models.values import Failure
from processing.codec.base import Compressed, CompressionError

CRASH = Failure(code="CODEC_CRASHED", message="The codec died of it.", retryable=True)
DAMAGED = Failure(code="CORRUPT_IMAGE", message="It is damaged.", retryable=False)


class Squeezer:
    """Keeps what it was asked; `failures` are raised one by one, `before` is awaited each time."""

    def __init__(self):
        self.wishes, self.failures = [], []
        self.open_slots = self.most_open = 0
        self.before = None

    @asynccontextmanager
    async def slot(self):
        self.open_slots += 1
        self.most_open = max(self.most_open, self.open_slots)
        try:
            yield Filling(self)
        finally:
            self.open_slots -= 1


class Filling:
    """A slot."""

    def __init__(self, squeezer):
        self._squeezer = squeezer
        self._content = bytearray()

    def write(self, piece):
        self._content += piece

    @property
    def content(self):
        return memoryview(bytes(self._content))

    async def compress(self, wish):
        self._squeezer.wishes.append(wish)
        await asyncio.sleep(0)
        if self._squeezer.before:
            await self._squeezer.before()
        if self._squeezer.failures:
            raise CompressionError(self._squeezer.failures.pop(0))
        half = squeezed(self._content)
        return Compressed(memoryview(half), "image/jpeg", 64, 48, kept_original=False)


def squeezed(content):
    """What becomes of it."""
    return bytes(content[: len(content) // 2])

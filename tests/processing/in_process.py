"""A codec without processes: what is decoded here is harmless."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from processing.codec import developing, orders


class InProcess:
    """Develops and renders in threads."""

    @asynccontextmanager
    async def slot(self):
        yield Filling()


class Filling:
    """A slot."""

    def __init__(self):
        self._content = bytearray()

    def write(self, piece):
        self._content += piece

    async def develop(self, order):
        facts, presets = await asyncio.to_thread(developing.develop, memoryview(self._content), order)
        return orders.developed(facts, memoryview(b"".join(presets)))

    async def render(self, order):
        return memoryview(await asyncio.to_thread(developing.render, memoryview(self._content), order))

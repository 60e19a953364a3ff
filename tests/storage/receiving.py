"""A provider that takes objects from clients itself, as real ones do, with the bytes in this process's memory."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import web

from storage.abilities import UploadTarget
from storage.memory import MemoryStorage

LARGEST_BYTES = 2**24


class ReceivingStorage(MemoryStorage):
    """`upload_target` leads to a server of its own, which asks for a form with a ticket, and checks nothing else."""

    kind = "receiving"

    def __init__(self) -> None:
        super().__init__()
        self._tickets: dict[str, str] = {}
        self.ttl_seconds = 0

    @classmethod
    @asynccontextmanager
    async def serving(cls) -> AsyncIterator[Self]:
        """The adapter while its server runs."""
        storage, application = cls(), web.Application(client_max_size=LARGEST_BYTES)
        application.router.add_post("/", storage._receive)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        storage.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield storage
        finally:
            await runner.cleanup()

    async def upload_target(
        self,
        key: str,
        *,
        media_type: str,
        size_bytes: int,
        ttl_seconds: int,
    ) -> UploadTarget:
        ticket = secrets.token_hex(8)
        self._tickets[ticket] = key
        self.ttl_seconds = ttl_seconds
        return UploadTarget(self.url, "POST", {"X-Type": media_type}, {"ticket": ticket})

    async def _receive(self, request: web.Request) -> web.Response:
        form = await request.post()
        content = form["file"].file.read()

        async def pieces() -> AsyncIterator[bytes]:
            yield content

        await self.put(self._tickets[str(form["ticket"])], pieces())
        return web.Response(status=201)

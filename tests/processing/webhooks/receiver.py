"""A server that hears webhooks, and verifies them with the standard's own library."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOST = "receiver.test"


class Receiver:
    """Answers with `answers`, one after the other, then with 200. `heard` are the messages whose signature is right."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.location = ""
        self.heard: list[tuple[str, Any]] = []
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        """On a port of its own."""
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hook?of=mine"

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/hook", self._hear)
        return app

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.heard.append(
            (request.headers["webhook-id"], Webhook(SECRET).verify(body, dict(request.headers)))
        )
        status = self.answers.pop(0) if self.answers else 200
        if not status:
            await asyncio.sleep(60)
        return web.Response(status=status, headers={"Location": self.location} if self.location else {})

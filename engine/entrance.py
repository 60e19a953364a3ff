"""The shortest way in: what the server calls, in front of the application that the engine is a part of."""

from __future__ import annotations

import os

from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars


class Entrance:
    """Hands operations that come by POST straight to the engine, and everything else to the application.

    The router and the middleware there have nothing to say of such a request, unless a page of another origin sends
    it: that the browser is told by what else the application has. What is logged on that way says to which request it
    belongs; the engine says so itself.

    Args:
        path: Where the engine is reached.
        graphql: The engine.
        application: All of the service, with the engine at `path` too.
    """

    def __init__(self, path: str, graphql: ASGIApp, application: ASGIApp) -> None:
        self._path = path
        self._graphql = graphql
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, socket or lifespan."""
        straight = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == self._path
        if straight and b"origin" not in dict(scope["headers"]):
            await self._graphql(scope, receive, send)
        else:
            bind_contextvars(request_id=os.urandom(16).hex())
            await self._application(scope, receive, send)

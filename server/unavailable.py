"""What is answered outside GraphQL, where the engine answers for itself, when a part of ours does not answer."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from structlog.contextvars import get_contextvars

log = structlog.get_logger()


async def answer(request: Request, fault: Exception) -> Response:
    """503, and the id under which the log says why."""
    request_id = get_contextvars()["request_id"]
    log.error("request failed", path=request.scope["path"], exc_info=fault)
    message = f"Something went wrong on our side. Quote this id when you report it: {request_id}\n"
    return PlainTextResponse(message, 503, {"Retry-After": "5", "Cache-Control": "no-store"})

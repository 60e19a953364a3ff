"""The address that Prometheus reads."""

from __future__ import annotations

import asyncio
from hmac import compare_digest

import structlog
from prometheus_client.exposition import choose_encoder
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from metrics.collector import ServiceCollector, WorkerCollector, registry
from models.backlog import Backlog

log = structlog.get_logger()

BACKLOG_WITHIN_SECONDS = 1.0
NO_STORE = {"Cache-Control": "no-store"}


class MetricsEndpoint:
    """`GET /metrics`.

    Args:
        published: What the process has counted. An API process tells of the queue, too.
        token: Who does not send it as `Authorization: Bearer` is refused; None lets everybody read.
    """

    def __init__(self, published: ServiceCollector | WorkerCollector, token: str | None) -> None:
        self._published = published
        self._registry = registry(published)
        self._expected = None if token is None else f"Bearer {token}".encode()

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/metrics", self.answer)]

    async def answer(self, request: Request) -> Response:
        """The present values, as text or in OpenMetrics' form; without the backlog while MongoDB is silent."""
        if not self._may_read(request):
            challenge = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("Send the METRICS_TOKEN.\n", 401, {**NO_STORE, **challenge})
        if isinstance(self._published, ServiceCollector):
            self._published.backlog = await _backlog()
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={**NO_STORE, "Content-Type": media_type})

    def _may_read(self, request: Request) -> bool:
        sent = request.headers.get("authorization", "").encode("latin-1")
        return self._expected is None or compare_digest(sent, self._expected)


async def _backlog() -> Backlog | None:
    try:
        async with asyncio.timeout(BACKLOG_WITHIN_SECONDS):
            return await Backlog.read(round(BACKLOG_WITHIN_SECONDS * 1_000))
    except (PyMongoError, TimeoutError) as fault:
        log.warning("the backlog cannot be read", reason=type(fault).__name__)
        return None

"""A collector of traces: takes what OTLP/HTTP sends, and remembers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from gzip import decompress

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Received:
    """A span, as far as the tests look at it."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, object]
    failed: bool


class Collector:
    """Listens on a port of its own."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Collector]:
        application = web.Application()
        application.router.add_post("/v1/traces", self._take)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def of(self, trace_id: str) -> list[Received]:
        """The spans of a trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        sent = ExportTraceServiceRequest.FromString((body[:2] == b"\x1f\x8b" and decompress(body)) or body)
        for resource in sent.resource_spans:
            service = _read(resource.resource.attributes)["service.name"]
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                self.spans.append(
                    Received(
                        str(service),
                        span.name,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        _read(span.attributes),
                        span.status.code == 2,
                    )
                )
        return web.Response(content_type="application/x-protobuf")


def _read(attributes):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}

"""What a process does, as spans on their way to a collector."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import metadata
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars, get_contextvars

import tracing
from errors import ObjectNotFoundError
from processing.queue.base import WorkItem
from storage.counts import Asked, StorageCounts

SEND_WITHIN_SECONDS: Final = 3
FROM_THE_LOG: Final = ("request_id", "batch", "image", "unit", "item")
"""What lines of the log say of themselves, and spans too."""

_propagator = TraceContextTextMapPropagator()


def exporter(endpoint: str) -> SpanExporter:
    """To the collector at `endpoint`; OpenTelemetry's other variables, such as OTEL_EXPORTER_OTLP_HEADERS, are heeded."""
    return OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=SEND_WITHIN_SECONDS)


def traceparent() -> str | None:
    """Of the present span; None if there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def behind(carrier: Mapping[str, str]) -> Context:
    """What came before, elsewhere: by the headers of a request, or the trace of a work item."""
    return _propagator.extract(carrier)


@asynccontextmanager
async def sent(endpoint: str, service: str, storage: StorageCounts) -> AsyncIterator[Spans]:
    """The spans of a process, for the length of the block. Its calls of storage are among them."""
    spans = Spans(service, metadata.version("darkroom"), exporter(endpoint))
    storage.around = spans.asked
    tracing.told_by(traceparent)
    yield spans
    await spans.close()


class Spans:
    """The spans of a process, which is called `service` unless OTEL_SERVICE_NAME says otherwise."""

    def __init__(self, service: str, version: str, sent_by: SpanExporter) -> None:
        named = Resource.create({"service.name": service, "service.version": version})
        resource = named.merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(sent_by))
        self.tracer = self._provider.get_tracer("darkroom", version)

    async def close(self) -> None:
        """Sends what is left, unless that takes long."""
        await asyncio.to_thread(self._provider.force_flush, SEND_WITHIN_SECONDS * 1000)
        await asyncio.to_thread(self._provider.shutdown)

    @contextmanager
    def present(
        self, name: str, kind: SpanKind = SpanKind.INTERNAL, behind: Context | None = None
    ) -> Iterator[Span]:
        """The block as a span, behind another one or in the present one. Whatever is logged in it names its trace."""
        with self.tracer.start_as_current_span(name, behind, kind) as span:
            bind_contextvars(trace_id=trace.format_trace_id(span.get_span_context().trace_id))
            try:
                yield span
            finally:
                known = get_contextvars()
                span.set_attributes({f"darkroom.{key}": known[key] for key in FROM_THE_LOG if key in known})

    @contextmanager
    def attempt(self, item: WorkItem) -> Iterator[None]:
        """An attempt at a work item, behind what it follows from."""
        came_from = behind({"traceparent": item.trace}) if item.trace else Context()
        with self.present(f"work {item.kind}", SpanKind.CONSUMER, came_from):
            yield

    @contextmanager
    def asked(self, asked: Asked) -> Iterator[None]:
        """A call of storage. It may be held open by a generator, so it is never the present span."""
        kind, operation = asked
        attributes = {"darkroom.storage": kind}
        span = self.tracer.start_span(f"storage {operation}", kind=SpanKind.CLIENT, attributes=attributes)
        try:
            yield
        except ObjectNotFoundError:  # is an answer
            raise
        except Exception as fault:
            span.record_exception(fault)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

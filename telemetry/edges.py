"""Requests and operations as spans, around the application and the engine that know nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.answers import Answer
from engine.documents import Operation, Prepared
from engine.executor import Executor, Subscription
from storage.counts import StorageCounts
from telemetry.spans import Spans, behind, sent

SERVER_ERROR = 500
OF_TRACES = {b"traceparent", b"tracestate"}


@asynccontextmanager
async def traced(
    app: ASGIApp, executor: Executor, storage: StorageCounts, collector: str
) -> AsyncIterator[ASGIApp]:
    """The application, all of whose spans go to the collector for the length of the block."""
    async with sent(collector, "darkroom-api", storage) as spans:
        operations(executor, spans)
        yield requests(app, spans)


def requests(app: ASGIApp, spans: Spans) -> ASGIApp:
    """The same application, each of whose HTTP requests is a span, behind the client's own if it names one."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        named = {
            name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in OF_TRACES
        }
        name = f"{scope['method']} /{scope['path'].split('/')[1]}"
        with spans.present(name, SpanKind.SERVER, behind(named)) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= SERVER_ERROR:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await app(scope, receive, noting)

    return serve


def operations(executor: Executor, spans: Spans) -> None:
    """Each query, each mutation and each beginning of a subscription is a span from now on."""
    execute, start = executor.execute, executor.start

    async def traced_execute(operation: Operation, context: object, request_id: str) -> Answer:
        with spans.present(_name(executor, operation)) as span:
            answer = await execute(operation, context, request_id)
            codes = [error["extensions"]["code"] for error in answer.errors]
            if codes:
                span.set_attribute("graphql.error.codes", codes)
            if "INTERNAL_SERVER_ERROR" in codes:
                span.set_status(StatusCode.ERROR)
            return answer

    async def traced_start(operation: Operation, context: object, request_id: str) -> Subscription | Answer:
        with spans.present(_name(executor, operation)):
            return await start(operation, context, request_id)

    executor.execute = traced_execute  # type: ignore[method-assign]
    executor.start = traced_start  # type: ignore[method-assign]


def _name(executor: Executor, operation: Operation) -> str:
    """The operation's type, and the name that its document gives it."""
    prepared = executor.prepare(operation)
    if not isinstance(prepared, Prepared):
        return "refused"
    named = prepared.definition.name
    return f"{prepared.operation_type.value} {named.value if named else ''}".rstrip()

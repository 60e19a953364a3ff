"""The application as it is served: with spans for a collector of traces, if there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from engine.executor import Executor
from resources import Resources


@asynccontextmanager
async def served(
    app: ASGIApp, executor: Executor, opened: Resources, collector: str | None
) -> AsyncIterator[ASGIApp]:
    """The application; each of its requests is a span, if `collector` is the address of one."""
    if collector is None:
        yield app
        return
    from telemetry import edges  # noqa: PLC0415 - without a collector there is nothing to load

    async with edges.traced(app, executor, opened.storages.counts, collector) as traced:
        yield traced

"""What a worker answers over HTTP, if WORKER_METRICS_PORT says where: whether it is alive, and what it has counted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import metadata

import uvicorn
from starlette.applications import Starlette

from errors import ConfigurationError
from metrics.collector import WorkerCollector
from metrics.endpoint import MetricsEndpoint
from processing.counts import WorkCounts
from resources import Resources
from server.health import Health
from settings import Settings

CLOSE_SECONDS = 1


class Beside(uvicorn.Server):
    """A server in a process that has other work to do, and handles signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves them alone."""
        yield


@asynccontextmanager
async def answering(settings: Settings, opened: Resources, counts: WorkCounts) -> AsyncIterator[None]:
    """Answers for the length of the block, on WORKER_METRICS_PORT.

    Raises:
        ConfigurationError: The port is not to be had.
    """
    published = WorkerCollector(metadata.version("darkroom"), counts, opened.storages.counts)
    routes = [*MetricsEndpoint(published, settings.metrics_secret).routes(), *Health(opened).routes()]
    server = Beside(
        uvicorn.Config(
            Starlette(routes=routes),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )
    with _listening(settings) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


def _listening(settings: Settings) -> socket.socket:
    port = settings.worker_metrics_port or 0
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"WORKER_METRICS_PORT: found {port}, wanted a free port of {settings.host} ({error.strerror})"
        ) from error

"""Whether the process is alive, and whether it can work."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from resources import Resources

READY_WITHIN_SECONDS = 3


class Health:
    """`/healthz`: the process is alive. `/readyz`: everything that a request needs answers."""

    def __init__(self, opened: Resources) -> None:
        self._resources = opened

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]

    async def alive(self, _: Request) -> Response:
        """Always 200."""
        return PlainTextResponse("alive\n")

    async def ready(self, _: Request) -> Response:
        """200, or 503 and which part it is. While only the queue is silent, work waits and requests do not."""
        if silent := await self._resources.silent_part(READY_WITHIN_SECONDS):
            return PlainTextResponse(f"not ready: {silent} does not answer\n", 503)
        if await self._resources.queue_is_silent(READY_WITHIN_SECONDS):
            return PlainTextResponse(f"ready; work waits: {self._resources.queue.kind} does not answer\n")
        return PlainTextResponse("ready\n")

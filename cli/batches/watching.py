"""A batch on its way, watched through whatever happens to the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

import aiohttp

from cli.batches.service import UNAUTHENTICATED, RefusedError, Service

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
PROGRESS: Final = """
subscription ($id: ID!, $after: Int) {
  batchProgress(id: $id, after: $after) {
    sequence state progress etaSeconds counts { total succeeded failed cancelled }
  }
}
"""

Event = dict[str, Any]


async def events(service: Service, batch_id: str) -> AsyncGenerator[Event, None]:
    """The batch's state, then each change once, until its work has ended.

    Raises:
        RefusedError: There is no such batch, or nobody may see it any more.
    """
    last: int | None = None
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        variables = {"id": batch_id} | ({} if last is None else {"after": last})
        try:
            async with aclosing(_once(service, variables)) as told:
                async for event in told:
                    last, pause_seconds = event["sequence"], FIRST_PAUSE_SECONDS
                    yield event
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
        except RefusedError as refusal:
            if refusal.code == "EVENTS_EXPIRED":
                last = None
            elif refusal.code == UNAUTHENTICATED:
                await service.sign_in()
            else:
                raise
        else:
            return


async def _once(service: Service, variables: dict[str, Any]) -> AsyncGenerator[Event, None]:
    async for data in service.watch(PROGRESS, variables):
        yield data["batchProgress"]

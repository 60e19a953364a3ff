"""A reader of a batch's progress who never gives up, and forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tests.acceptance import batches, streams
from tests.client import Person

PAUSE_SECONDS = 0.1
GONE = (aiohttp.ClientError, ConnectionError, TimeoutError, AssertionError, KeyError, TypeError)
"""What a client sees of a process that dies: no answer, half of one, or the answer of one that is starting."""

OURS = "INTERNAL_SERVER_ERROR"
BEHIND = "query ($id: ID!, $after: Int) { batch(id: $id) { finishedAt events(first: 1, after: $after) { sequence } } }"
Answer = TypeVar("Answer")


async def insist(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Asks until there is an answer."""
    while True:
        with suppress(*GONE):
            return await ask()
        await asyncio.sleep(PAUSE_SECONDS)


@dataclass
class Watch:
    """What was told of a batch over one transport, across all deaths; `refusals` is what should never have been."""

    person: Person
    batch_id: str
    transport: str
    events: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Any] = field(default_factory=list)
    resumed: int = 0

    async def until_the_end(self) -> None:
        """Reads until the work has ended, and resumes behind the last event wherever the stream breaks off."""
        while True:
            with suppress(*GONE):
                await self._read()
            if await insist(self._knows_all):
                return
            self.resumed += 1
            await asyncio.sleep(PAUSE_SECONDS)

    @property
    def _last(self) -> int:
        return self.events[-1]["sequence"] if self.events else 0

    async def _read(self) -> None:
        variables = {"id": self.batch_id, "after": self._last}
        async with streams.subscribed(self.person, self.transport, batches.PROGRESS, **variables) as payloads:
            async for payload in payloads:
                if "errors" in payload:
                    self._note(payload)
                    return
                self.events.append(payload["data"]["batchProgress"])

    async def _knows_all(self) -> bool:
        batch = (await self.person.data(BEHIND, id=self.batch_id, after=self._last))["batch"]
        return bool(batch["finishedAt"] and not batch["events"])

    def _note(self, payload: dict[str, Any]) -> None:
        """What a process says whose database is away is no refusal."""
        codes = [error.get("extensions", {}).get("code") for error in payload["errors"]]
        if codes != [OURS]:
            self.refusals.append(payload)

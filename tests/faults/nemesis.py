"""A service whose processes are killed at named steps, under load, and what must still be true afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tests import pictures
from tests.acceptance import staging
from tests.client import PROGRESS, Person
from tests.service import Service

WITHIN_SECONDS = 300
PAUSE_SECONDS = 0.05
PROCESSES = {
    "serve": ("ingest.claimed", "ingest.stored", "ingest.committing", "ingest.committed", "ingest.refused", "staged.received",
              "staged.ended", "replace.committing", "replace.committed", "trash.committed"),
    "worker": ("develop.started", "develop.variant_stored", "develop.advanced", "develop.finished", "leftover.deleted",
               "purge.deleted"),
}  # fmt: skip
DELETE = """
mutation ($id: ID!) {
  deleteImage(input: {id: $id, permanently: true}) { __typename }
}
"""
STATE = "query ($id: ID!) { image(id: $id) { state } }"
Answer = TypeVar("Answer")
ARRIVED = (200, 201, 204, 412)
"""What says that staged bytes are there: they were taken, or are not taken twice."""

GONE = (aiohttp.ClientError, ConnectionError, TimeoutError, AssertionError, KeyError, TypeError)
"""What a client sees of a process that dies: no answer, half of one, or the answer of one that is starting."""


@dataclass
class Ledger:
    """What clients were told: uploads and replacements acknowledged (id → SHA-256), images deleted for good, streams."""

    kept: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    streams: dict[str, list[int]] = field(default_factory=dict)


class Nemesis:
    """Kills each kind of process at each of its steps, one of the first `latest` times, in an order that `seed` decides.

    Whoever was killed is started again.
    """

    def __init__(self, service: Service, seed: int, latest: int) -> None:
        self._service = service
        self._latest = latest
        self._random = random.Random(seed)
        self.left = {command: self._random.sample(steps, len(steps)) for command, steps in PROCESSES.items()}
        self.struck: list[str] = []

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Strikes until every step was struck; afterwards the processes are left alive."""
        self._service.processes["serve"].terminate()
        self._service.processes["serve"].wait()
        for command in PROCESSES:
            self._arm(command)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    @property
    def is_done(self) -> bool:
        """Whether every step was struck."""
        return not any(self.left.values())

    async def _watch(self) -> None:
        while True:
            for command in PROCESSES:
                if self._service.processes[command].poll() is not None:
                    self._note(command)
                    self._arm(command)
            await asyncio.sleep(PAUSE_SECONDS)

    def _note(self, command: str) -> None:
        assert self._service.processes[command].returncode == -signal.SIGKILL, self._service.log(command)
        self.struck.append(self.left[command].pop(0))

    def _arm(self, command: str) -> None:
        steps = self.left[command]
        fault = f"{steps[0]}:kill@{self._random.randint(1, self._latest)}" if steps else ""
        self._service.start(command, FAILPOINTS=fault)


class Load:
    """One person who uploads, replaces, watches, repeats and deletes, and never gives up."""

    def __init__(
        self, person: Person, seed: int, at_once: int, within_seconds: float = WITHIN_SECONDS
    ) -> None:
        self.person = person
        self._at_once = at_once
        self._random = random.Random(seed)
        self._end = time.monotonic() + within_seconds
        self.ledger = Ledger()

    async def until(self, is_done: Callable[[], bool]) -> None:
        """Keeps `at_once` uploads under way until at least as many were acknowledged and `is_done`."""
        number = 0
        running: set[asyncio.Task[None]] = set()
        while len(self.ledger.kept) < self._at_once or not is_done():
            assert time.monotonic() < self._end, "not every step was struck in time"
            while len(running) < self._at_once:
                number += 1
                running.add(asyncio.create_task(self._life(number)))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        await asyncio.gather(*running)

    async def _life(self, number: int) -> None:
        """One picture: uploaded or staged, perhaps again, watched to its end, replaced before or behind it, perhaps deleted."""
        content = self._picture()
        uploaded = await self._arrived(content, number)
        image_id = uploaded["image"]["id"]
        self.ledger.kept[image_id] = hashlib.sha256(content).hexdigest()
        if number % 4 == 0:
            await self._upload_again(image_id, content)
        if number % 5 == 0:
            await self._replace(image_id, f"key {number}")
        await self._watch(image_id)
        if number % 5 == 1:
            await self._replace(image_id, f"key {number}")
            await self._watch(image_id)
        if number % 3 == 0:
            await self._insist(lambda: self.person.data(DELETE, id=image_id))
            self.ledger.deleted.add(image_id)

    async def _upload_again(self, image_id: str, content: bytes) -> None:
        """The same bytes are the same image, unless it has FAILED meanwhile, because too many workers died of others."""
        again = await self._insist(lambda: self.person.upload(content))
        if again["duplicate"]:
            assert again["image"]["id"] == image_id
            return
        first = await self._insist(lambda: self.person.data(STATE, id=image_id))
        assert first["image"]["state"] == "FAILED"
        self.ledger.kept[again["image"]["id"]] = hashlib.sha256(content).hexdigest()

    async def _replace(self, image_id: str, key: str) -> None:
        content = self._picture()
        await self._insist(lambda: self._replaced(image_id, content, key))
        self.ledger.kept[image_id] = hashlib.sha256(content).hexdigest()

    async def _replaced(self, image_id: str, content: bytes, key: str) -> dict[str, Any]:
        replaced = await self.person.replace(image_id, content, idempotencyKey=key)
        assert replaced["image"]["checksumSha256"] == hashlib.sha256(content).hexdigest()
        return replaced

    def _picture(self) -> bytes:
        return pictures.jpeg(48, 32, seed=self._random.randrange(2**29), quality=95)

    async def _arrived(self, content: bytes, number: int) -> dict[str, Any]:
        """The picture, uploaded or staged; each request is repeated until it is answered."""
        if number % 5:
            return await self._insist(lambda: self.person.upload(content, idempotencyKey=f"key {number}"))
        staged = await self._insist(lambda: staging.stage(self.person, content))
        await self._insist(lambda: _sent(staged, content))
        return await self._insist(lambda: staging.complete(self.person, staged))

    async def _watch(self, image_id: str) -> None:
        """Reads the progress from its beginning, resuming wherever a process dies."""
        seen = self.ledger.streams.setdefault(image_id, [])
        stage, has_completed = None, False
        while not has_completed:
            assert time.monotonic() < self._end, f"{image_id} stays at {stage}"
            with suppress(*GONE):
                async for event in self._events(image_id, len(seen)):
                    seen.append(event["sequence"])
                    stage = event["stage"]
                has_completed = stage in ("READY", "FAILED")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _events(self, image_id: str, after: int) -> AsyncIterator[dict[str, Any]]:
        payload = {"query": PROGRESS, "variables": {"id": image_id, "after": after}}
        async with self.person.socket() as socket:
            await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
            while (message := await socket.receive_json(timeout=WITHIN_SECONDS))["type"] == "next":
                yield message["payload"]["data"]["imageProgress"]

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Asks until there is an answer."""
        while True:
            assert time.monotonic() < self._end, "no answer in time"
            with suppress(*GONE):
                return await ask()
            await asyncio.sleep(PAUSE_SECONDS)


async def _sent(staged: dict[str, Any], content: bytes) -> None:
    """The bytes are where they are to go."""
    assert await staging.send(staged, content) in ARRIVED

"""All that a service with batches is made of, as processes of its own, each of which can die and come back."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import embedded
from tests.faults.batches.provider import Provider
from tests.faults.hasty import HastyService
from tests.kafka.broker import Broker

DATABASE = "nemesis"
API = "serve"
WORKERS = ("worker-0", "worker-1")
PROCESSES = (API, *WORKERS)
FROZEN_SECONDS = 3


class Machines:
    """MongoDB, perhaps Kafka, perhaps a provider, an API and two workers.

    `boot_seconds` is how long a process takes to be there on this machine today; `down_until` is when the last outage of
    a server was over.
    """

    def __init__(
        self, folder: Path, kafka: Broker | None, provider: Provider | None, settings: dict[str, str]
    ) -> None:
        self._folder = folder
        self._mongod = AsyncExitStack()
        self._port = embedded.free_port()
        self.kafka = kafka
        self.provider = provider
        self.uri = embedded.uri(self._port)
        beside = (kafka.settings(DATABASE) if kafka else {}) | (provider.settings if provider else {})
        addresses = {"MONGODB_URI": self.uri, "MONGODB_DATABASE": DATABASE}
        self.service = HastyService(folder, workers=0, **addresses, **beside, **settings)
        self.boot_seconds = 0.0
        self.down_until = 0.0
        self._began = dict.fromkeys(PROCESSES, 0.0)

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, kafka: Broker | None, provider: Provider | None, settings: dict[str, str]
    ) -> AsyncIterator[Machines]:
        """Until the end of the block."""
        machines = cls(folder, kafka, provider, settings)
        await machines._start_mongod()
        try:
            began = time.monotonic()
            await asyncio.to_thread(machines.service.__enter__)
            machines.boot_seconds = time.monotonic() - began
            for name in WORKERS:
                machines.start(name)
            yield machines
        finally:
            await asyncio.to_thread(machines.service.__exit__)
            await machines._mongod.aclose()

    def start(self, name: str, failpoints: str = "") -> None:
        """Starts the process again, which will die at the failpoints."""
        command = API if name == API else "worker"
        self._began[name] = time.monotonic()
        self.service.start(command, name, FAILPOINTS=failpoints)

    def kill(self, name: str) -> None:
        """Ends the process in the middle of whatever it does."""
        self.service.processes[name].kill()

    def age_seconds(self, name: str) -> float:
        """For how long the process has been alive."""
        return time.monotonic() - self._began[name]

    def is_dead(self, name: str) -> bool:
        """Whether it was killed. Whoever starts while a server is down may also end by itself.

        Raises:
            AssertionError: It has ended otherwise.
        """
        status = self.service.processes[name].poll()
        if status is None:
            return False
        is_alone = self._began[name] < self.down_until
        assert status == -signal.SIGKILL or is_alone, f"{name} has ended:\n{self.service.log(name)[-3_000:]}"
        return True

    def was_killed(self, name: str) -> bool:
        """Whether it, which has ended, was."""
        return self.service.processes[name].returncode == -signal.SIGKILL

    async def cut_mongod(self) -> None:
        """MongoDB loses its power, and comes back."""
        self.down_until = float("inf")
        self._server.process.kill()
        await self._server.process.wait()
        await self._mongod.aclose()
        await self._start_mongod()
        self.down_until = time.monotonic()

    async def freeze_mongod(self) -> None:
        """MongoDB, and the disk that it is on, do nothing for a while."""
        self._server.process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(FROZEN_SECONDS)
        finally:
            self._server.process.send_signal(signal.SIGCONT)

    async def cut_kafka(self) -> None:
        """So does Kafka."""
        assert self.kafka
        await asyncio.to_thread(self.kafka.stop)
        await asyncio.to_thread(self.kafka.start)

    async def disturb_provider(self, how: str) -> None:
        """For a while the provider is of no use; whoever starts meanwhile ends by itself."""
        assert self.provider
        self.down_until = float("inf")
        try:
            await self.provider.misbehave(how)
        finally:
            self.down_until = time.monotonic()

    async def _start_mongod(self) -> None:
        self._mongod = AsyncExitStack()
        running = embedded.mongod(self._folder / "mongodb", self._port)
        self._server = await self._mongod.enter_async_context(running)

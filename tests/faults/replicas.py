"""A MongoDB of three members, of which any may be told to step down, be killed or be frozen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

import embedded

MEMBERS = 3
ELECTION_MS, HEARTBEAT_MS = 2_000, 500
WITHIN_SECONDS = 120
LOOK_SECONDS = 0.1
Process = asyncio.subprocess.Process


class Replicas:
    """Their `uri` names all of them; whoever connects follows the primary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = [embedded.free_port() for _ in range(MEMBERS)]
        self._processes: dict[int, Process] = {}
        hosts = ",".join(f"{embedded.HOST}:{port}" for port in self._ports)
        self.uri = f"mongodb://{hosts}/?replicaSet={embedded.REPLICA_SET}"

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path) -> AsyncIterator[Self]:
        """Until the end of the block."""
        replicas = cls(folder)
        for port in replicas._ports:
            await replicas._start(port)
        try:
            await replicas._initiate()
            yield replicas
        finally:
            for process in replicas._processes.values():
                process.send_signal(signal.SIGCONT)
                await embedded.end(process, grace_seconds=0)

    async def step_down(self) -> None:
        """The primary becomes a secondary; another one is elected."""
        async with AsyncMongoClient(self.uri) as client:
            await client.admin.command("replSetStepDown", 20, secondaryCatchUpPeriodSecs=10)

    async def kill(self, count: int = 1) -> None:
        """The primary, and more if wanted, lose their power."""
        primary = await self._primary()
        for port in [primary, *(port for port in self._ports if port != primary)][:count]:
            self._processes[port].kill()
            await self._processes[port].wait()

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """The primary does nothing during the block, and is not told of it."""
        process = self._processes[await self._primary()]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    async def revive(self) -> None:
        """Whoever was killed is there again."""
        for port, process in list(self._processes.items()):
            if process.returncode is not None:
                await self._start(port)

    async def _start(self, port: int) -> None:
        self._processes[port] = await embedded._start(self._folder / str(port), port)
        await embedded._listening(self._processes[port], port)

    async def _initiate(self) -> None:
        members = [
            {"_id": n, "host": f"{embedded.HOST}:{port}", "priority": 2 if n == 0 else 1}
            for n, port in enumerate(self._ports)
        ]
        pace = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": HEARTBEAT_MS}
        config = {"_id": embedded.REPLICA_SET, "members": members, "settings": pace}
        async with AsyncMongoClient(embedded.uri(self._ports[0])) as client:
            await client.admin.command("replSetInitiate", config)
        await self._primary()

    async def _primary(self) -> int:
        """Its port, once there is one."""
        async with asyncio.timeout(WITHIN_SECONDS):
            async with AsyncMongoClient(self.uri, serverSelectionTimeoutMS=1_000) as client:
                while True:
                    with suppress(PyMongoError):
                        hello: dict[str, Any] = await client.admin.command("hello")
                        if hello["isWritablePrimary"]:
                            return int(hello["me"].rpartition(":")[2])
                    await asyncio.sleep(LOOK_SECONDS)

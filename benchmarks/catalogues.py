"""What batches are measured on: a MongoDB, somebody's web server, Darkroom with a worker, and what keeps their bytes."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient

import embedded
from benchmarks import families, processes, servers
from benchmarks.bench import BYTES, PEOPLE
from benchmarks.pages import Pages
from benchmarks.servers import ROOT, Darkroom, Peer, Server
from storage.gridfs import GridFSStorage

GRIDFS, FOLDER = "GridFS", "folder"
STORAGE: Final = {GRIDFS: "gridfs", FOLDER: "filesystem"}
FILES, FILES_OF_PEER = "files", "files-of-peer"
URL_BYTES: Final = 100
REST_WITHIN_SECONDS, LOOK_SECONDS = 120, 0.2


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A MongoDB of its own, an origin with pictures of one size, and a folder for all else."""

    mongodb: AsyncMongoClient[dict[str, Any]]
    mongodb_uri: str
    mongod_pid: int
    origin_port: int
    folder: Path
    store: str
    pages: Pages

    def darkroom(self, **settings: str) -> AbstractAsyncContextManager[Darkroom]:
        """An API and a worker with default settings, who may fetch from the origin."""
        return servers.darkroom(self.mongodb_uri, self.folder, worker=True, **self._settings() | settings)

    @asynccontextmanager
    async def crew(self, workers: int, **settings: str) -> AsyncIterator[tuple[Darkroom, list[int]]]:
        """An API and so many workers, with their ids."""
        chosen = self._settings() | settings
        async with AsyncExitStack() as running:
            api = servers.darkroom(self.mongodb_uri, self.folder, **chosen)
            server = await running.enter_async_context(api)
            names = [f"worker-{number}" for number in range(workers)]
            begun = [
                servers.another_worker(self.mongodb_uri, self.folder, name=name, **chosen) for name in names
            ]
            yield server, [await running.enter_async_context(worker) for worker in begun]

    def peer(self) -> AbstractAsyncContextManager[Peer]:
        """A Node.js server that does the same in the usual way."""
        kept: Mapping[str, str] = {}
        if self.store == FOLDER:
            folder = self.folder / FILES_OF_PEER
            folder.mkdir(exist_ok=True)
            kept = {"FOLDER": str(folder)}
        return servers.peer(self.mongodb_uri, self.folder, "batch.cjs", name="axios + sharp", **kept)

    def urls(self, count: int, first: int = 0) -> list[str]:
        """Of so many pictures, each different from all that have another number; URL_BYTES long."""
        starts = (
            f"http://{embedded.HOST}:{self.origin_port}/{number}/" for number in range(first, first + count)
        )
        return [start + "picture-".rjust(URL_BYTES - len(start) - 4, "a") + ".jpg" for start in starts]

    async def rest(self, server: Darkroom) -> None:
        """Returns once the worker has nothing left to do: presets of a batch's images are made after its end."""
        work = self.mongodb[server.database]["work"]
        async with asyncio.timeout(REST_WITHIN_SECONDS):
            while await work.count_documents({}):  # noqa: ASYNC110 - other processes do it
                await asyncio.sleep(LOOK_SECONDS)

    async def forget(self, server: Server) -> None:
        """All that a server keeps, but who is signed in; whatever it still wanted to do, it does not."""
        database = self.mongodb[server.database]
        for name in await database.list_collection_names(filter={"name": {"$nin": [*PEOPLE, *BYTES]}}):
            await database[name].delete_many({})
        await database["fs.files"].delete_many({})
        await database["fs.chunks"].drop()
        await GridFSStorage(database).prepare()
        await asyncio.to_thread(self._empty, FILES if isinstance(server, Darkroom) else FILES_OF_PEER)
        for member in families.members(server.pid) + families.members(worker_of(server)):
            await processes.idle(member)
        await asyncio.to_thread(self.pages.fill)

    def _settings(self) -> dict[str, str]:
        return {
            "STORAGE": STORAGE[self.store],
            "FETCH_PRIVATE_ALLOWLIST": f"{embedded.HOST}:{self.origin_port}",
        }

    def _empty(self, name: str) -> None:
        for file in (self.folder / name).rglob("*"):
            if file.is_file():
                file.unlink(missing_ok=True)


def worker_of(server: Server) -> int:
    """The process that does the work: the worker where there is one."""
    return (isinstance(server, Darkroom) and server.worker_pid) or server.pid


def app_cpu_ms(server: Server) -> float:
    """What all processes of a server have used."""
    apart = worker_of(server) != server.pid
    return families.cpu_ms(server.pid) + (families.cpu_ms(worker_of(server)) if apart else 0)


@asynccontextmanager
async def stand(store: str, size_bytes: int) -> AsyncIterator[Stand]:
    """With pictures of this size; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as name:
        folder, port = Path(name), embedded.free_port()
        origin = [sys.executable, "-m", "benchmarks.origin", str(port), str(size_bytes)]
        log, pages = folder / "origin.log", Pages(folder)
        pages.fill()
        async with (
            embedded.mongod(folder / "mongodb") as mongod,
            AsyncMongoClient(mongod.uri, tz_aware=True) as client,
            processes.running(origin, port=port, log=log, PYTHONPATH=str(ROOT)),
        ):
            yield Stand(
                mongodb=client,
                mongodb_uri=mongod.uri,
                mongod_pid=mongod.process.pid,
                origin_port=port,
                folder=folder,
                store=store,
                pages=pages,
            )

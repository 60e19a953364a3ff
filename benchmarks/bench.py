"""What every measurement stands on: a MongoDB of its own, a store, both servers started anew in every sitting."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient

import embedded
from benchmarks import load, rounds, servers
from benchmarks.pages import Pages
from benchmarks.pictures import jpeg
from benchmarks.rounds import Comparison, Pace, Side
from benchmarks.servers import Darkroom, Peer
from benchmarks.stores import Store

FULL = Pace(sittings=3, rounds=2, slice_seconds=1.5, crowd_uploads=160)
QUICK = Pace(sittings=1, rounds=2, slice_seconds=0.7, crowd_uploads=64)
CLIENTS: Final = 8
WARMING_BYTES: Final = 100_000
WARMING_UPLOADS: Final = 2_000
"""Node.js compiles what has run often: its first uploads cost three times as much as the two thousandth."""

PEOPLE: Final = ("users", "sessions")
"""Collections that a clean-up leaves alone: without them nobody is signed in."""

BYTES: Final = ("fs.files", "fs.chunks")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What all measurements share."""

    mongodb: AsyncMongoClient[dict[str, Any]]
    mongodb_uri: str
    mongod_pid: int
    folder: Path
    pages: Pages
    pace: Pace
    store: Store
    worker: bool

    def darkroom(self) -> AbstractAsyncContextManager[Darkroom]:
        """Ours, started."""
        return servers.darkroom(self.mongodb_uri, self.folder, worker=self.worker, **self.store.settings)

    def peer(self) -> AbstractAsyncContextManager[Peer]:
        """Theirs, started."""
        program, environment = self.store.peer_program, self.store.peer_environment
        return servers.peer(self.mongodb_uri, self.folder, program, **environment)

    async def clean(self, *of: Darkroom | Peer) -> None:
        """Forget every upload, and leave no memory free that was not used before."""
        for server in of:
            database = self.mongodb[server.database]
            await self.store.forget(server, database)
            kept = {"name": {"$nin": [*PEOPLE, *BYTES]}}
            for name in await database.list_collection_names(filter=kept):
                await database[name].delete_many({})
        await asyncio.to_thread(self.pages.fill)


@dataclass(frozen=True)
class Pair:
    """Both servers, warm."""

    bench: Bench
    darkroom: Darkroom
    peer: Peer

    async def compare(self, name: str, sides: tuple[Side, Side], *, uploading: bool) -> Comparison:
        """`sides` in turns; uploads are looked for after each round and forgotten before the next."""
        return await rounds.compare(
            name,
            sides,
            pace=self.bench.pace,
            mongod_pid=self.bench.mongod_pid,
            clean=self.clean if uploading else None,
            check=self._check if uploading else None,
        )

    async def clean(self) -> None:
        """Forget every upload of both."""
        await self.bench.clean(self.darkroom, self.peer)

    async def _check(self, acknowledged: Mapping[int, int]) -> None:
        for server in (self.darkroom, self.peer):
            database = self.bench.mongodb[server.database]
            await self.bench.store.check(server, database, acknowledged.get(server.pid, 0))


Part = Callable[[Pair], AsyncIterator[Comparison]]


@asynccontextmanager
async def opened(
    store: Callable[[Path], AbstractAsyncContextManager[Store]], *, quick: bool, worker: bool = False
) -> AsyncIterator[Bench]:
    """A bench with a MongoDB of its own and what `store` opens in a folder; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as name:
        folder = Path(name)
        async with (
            embedded.mongod(folder / "mongodb") as mongod,
            AsyncMongoClient(mongod.uri) as client,
            store(folder) as opened_store,
        ):
            yield Bench(
                mongodb=client,
                mongodb_uri=mongod.uri,
                mongod_pid=mongod.process.pid,
                folder=folder,
                pages=Pages(folder),
                pace=QUICK if quick else FULL,
                store=opened_store,
                worker=worker,
            )


@asynccontextmanager
async def pair(bench: Bench) -> AsyncIterator[Pair]:
    """Start and warm both servers."""
    async with bench.darkroom() as darkroom, bench.peer() as peer:
        for server in (darkroom, peer):
            async with uploading(server, CLIENTS, WARMING_BYTES) as side:
                await side.drive(count=WARMING_UPLOADS)
        both = Pair(bench, darkroom, peer)
        await both.clean()
        yield both


@asynccontextmanager
async def uploading(
    server: Darkroom | Peer, clients: int, size_bytes: int, *, people: int = 1, name: str = ""
) -> AsyncIterator[Side]:
    """Clients that upload pictures of one size, for so many people in turn."""
    tokens = await server.people(people)
    picture = jpeg(size_bytes)
    async with load.connections(server.port, clients) as connections:
        senders = [
            load.uploader(connection, server.upload(picture, tokens[number % people]))
            for number, connection in enumerate(connections)
        ]
        yield Side(name or server.name, server.pid, partial(load.run, senders))


async def sittings(bench: Bench, parts: Sequence[Part]) -> list[Comparison]:
    """Every part in every sitting."""

    async def sitting() -> AsyncIterator[Comparison]:
        async with pair(bench) as both:
            for part in parts:
                async for comparison in part(both):
                    yield comparison
            await both.clean()

    return await rounds.sittings(bench.pace.sittings if parts else 0, sitting)

"""What is measured: each function is one part of the benchmark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymongo import ASCENDING, AsyncMongoClient

from benchmarks import load, pictures, processes, rounds, servers
from benchmarks.rounds import Comparison, Pace, Side
from benchmarks.servers import Darkroom, Peer

SIZES_BYTES: Final = {"100 KB": 100_000, "1 MB": 1_000_000, "4 MB": 4_000_000}
CLIENTS: Final = 8
CROWD: Final = 32
WARMING_UPLOADS: Final = 2_000
"""Node.js compiles what has run often: its first uploads cost three times as much as the two thousandth."""

PEOPLE: Final = ("users", "sessions")
"""Collections that a clean-up leaves alone: without them nobody is signed in."""


@dataclass(frozen=True)
class Bench:
    """What all measurements share."""

    mongodb: AsyncMongoClient[dict[str, Any]]
    mongodb_uri: str
    mongod_pid: int
    folder: Path
    pace: Pace
    crowd_uploads: int
    worker: bool

    async def clean(self, *of: Darkroom | Peer) -> None:
        """Forget every upload. Chunks are many bytes, so their collection is dropped and made anew."""
        for server in of:
            database = self.mongodb[server.database]
            await database["fs.chunks"].drop()
            await database["fs.chunks"].create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)
            for name in await database.list_collection_names(filter={"name": {"$nin": PEOPLE}}):
                if name != "fs.chunks":
                    await database[name].delete_many({})


@dataclass(frozen=True)
class Pair:
    """Both servers, warm."""

    bench: Bench
    darkroom: Darkroom
    peer: Peer

    async def compare(self, name: str, sides: tuple[Side, Side], *, clean: bool) -> Comparison:
        """`sides` in turns; with `clean`, uploads are forgotten before each round."""
        return await rounds.compare(
            name,
            sides,
            pace=self.bench.pace,
            mongod_pid=self.bench.mongod_pid,
            clean=self.clean if clean else None,
        )

    async def clean(self) -> None:
        """Forget every upload of both."""
        await self.bench.clean(self.darkroom, self.peer)


@asynccontextmanager
async def pair(bench: Bench) -> AsyncIterator[Pair]:
    """Start and warm both servers."""
    async with (
        servers.darkroom(bench.mongodb_uri, bench.folder, worker=bench.worker) as darkroom,
        servers.peer(bench.mongodb_uri, bench.folder) as peer,
    ):
        for server in (darkroom, peer):
            async with uploading(server, CLIENTS, SIZES_BYTES["100 KB"]) as side:
                await load.run(side.clients, count=WARMING_UPLOADS)
        both = Pair(bench, darkroom, peer)
        await both.clean()
        yield both


@asynccontextmanager
async def uploading(
    server: Darkroom | Peer, clients: int, size_bytes: int, *, people: int = 1, name: str = ""
) -> AsyncIterator[Side]:
    """Clients that upload pictures of one size, for so many people in turn."""
    tokens = await server.people(people)
    picture = pictures.jpeg(size_bytes)
    async with load.connections(server.port, clients) as connections:
        senders = [
            load.uploader(connection, server.upload(picture, tokens[number % people]))
            for number, connection in enumerate(connections)
        ]
        yield Side(name or server.name, server.pid, senders)


@asynccontextmanager
async def downloading(server: Darkroom | Peer, clients: int, size_bytes: int) -> AsyncIterator[Side]:
    """Clients that fetch one original."""
    picture = pictures.jpeg(size_bytes)
    request = await servers.uploaded(server, picture)
    async with load.connections(server.port, clients) as connections:
        fetchers = [load.downloader(connection, request, picture) for connection in connections]
        yield Side(server.name, server.pid, fetchers)


async def uploads(both: Pair) -> AsyncIterator[Comparison]:
    """Every size with many clients, the smallest with one."""
    for clients, sizes in ((CLIENTS, list(SIZES_BYTES)), (1, ["100 KB"])):
        for size in sizes:
            async with AsyncExitStack() as stack:
                ours, theirs = [
                    await stack.enter_async_context(uploading(server, clients, SIZES_BYTES[size]))
                    for server in (both.darkroom, both.peer)
                ]
                yield await both.compare(f"upload {size}, {_clients(clients)}", (ours, theirs), clean=True)


async def downloads(both: Pair) -> AsyncIterator[Comparison]:
    """An original of 1 MB."""
    size_bytes = SIZES_BYTES["1 MB"]
    await both.clean()
    async with (
        downloading(both.darkroom, CLIENTS, size_bytes) as ours,
        downloading(both.peer, CLIENTS, size_bytes) as theirs,
    ):
        yield await both.compare(f"download 1 MB, {_clients(CLIENTS)}", (ours, theirs), clean=False)


async def owners(both: Pair) -> AsyncIterator[Comparison]:
    """A crowd of one user's uploads against one upload of each of a crowd: does one user wait for oneself?"""
    size_bytes = SIZES_BYTES["100 KB"]
    async with (
        uploading(both.darkroom, CROWD, size_bytes, people=CROWD, name=f"{CROWD} users") as many,
        uploading(both.darkroom, CROWD, size_bytes, name="1 user") as one,
    ):
        yield await both.compare(f"upload 100 KB, {_clients(CROWD)}", (many, one), clean=True)


@dataclass(frozen=True)
class Memory:
    """Resident memory of a fresh server, before a crowd of uploads and at the most."""

    name: str
    idle_mb: float
    peak_mb: float


async def memory(bench: Bench) -> list[Memory]:
    """A crowd of the largest uploads under way."""
    found = []
    for start in (servers.darkroom, servers.peer):
        async with start(bench.mongodb_uri, bench.folder) as server:
            await servers.uploaded(server, pictures.jpeg(SIZES_BYTES["100 KB"]))
            async with uploading(server, CROWD, SIZES_BYTES["4 MB"]) as side:
                processes.reset_peak(server.pid)
                idle_mb = processes.peak_mb(server.pid)
                await load.run(side.clients, count=bench.crowd_uploads)
                found.append(Memory(server.name, idle_mb, processes.peak_mb(server.pid)))
            await bench.clean(server)
    return found


def _clients(count: int) -> str:
    return f"{count} client" if count == 1 else f"{count} clients"

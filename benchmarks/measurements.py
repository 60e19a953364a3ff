"""What is measured: each function is one part of the benchmark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

from benchmarks import load, pictures, processes, servers
from benchmarks.bench import CLIENTS, Bench, Pair, uploading
from benchmarks.processes import Memory
from benchmarks.rounds import Comparison, Side
from benchmarks.servers import Darkroom, Peer

SIZES_BYTES: Final = {"100 KB": 100_000, "1 MB": 1_000_000, "4 MB": 4_000_000}
CROWD: Final = 32


@asynccontextmanager
async def downloading(server: Darkroom | Peer, clients: int, size_bytes: int) -> AsyncIterator[Side]:
    """Clients that fetch one original."""
    picture = pictures.jpeg(size_bytes)
    request = await servers.uploaded(server, picture)
    async with load.connections(server.port, clients) as connections:
        fetchers = [load.downloader(connection, request, picture) for connection in connections]
        yield Side(server.name, server.pid, partial(load.run, fetchers))


async def uploads(both: Pair) -> AsyncIterator[Comparison]:
    """Every size with many clients, the smallest with one."""
    for clients, sizes in ((CLIENTS, list(SIZES_BYTES)), (1, ["100 KB"])):
        for size in sizes:
            async with AsyncExitStack() as stack:
                ours, theirs = [
                    await stack.enter_async_context(uploading(server, clients, SIZES_BYTES[size]))
                    for server in (both.darkroom, both.peer)
                ]
                yield await both.compare(
                    f"upload {size}, {_clients(clients)}", (ours, theirs), uploading=True
                )


async def downloads(both: Pair) -> AsyncIterator[Comparison]:
    """An original of 1 MB."""
    size_bytes = SIZES_BYTES["1 MB"]
    await both.clean()
    async with (
        downloading(both.darkroom, CLIENTS, size_bytes) as ours,
        downloading(both.peer, CLIENTS, size_bytes) as theirs,
    ):
        yield await both.compare(f"download 1 MB, {_clients(CLIENTS)}", (ours, theirs), uploading=False)


async def owners(both: Pair) -> AsyncIterator[Comparison]:
    """A crowd of one user's uploads against one upload of each of a crowd: does one user wait for oneself?"""
    size_bytes = SIZES_BYTES["100 KB"]
    async with (
        uploading(both.darkroom, CROWD, size_bytes, people=CROWD, name=f"{CROWD} users") as many,
        uploading(both.darkroom, CROWD, size_bytes, name="1 user") as one,
    ):
        yield await both.compare(f"upload 100 KB, {_clients(CROWD)}", (many, one), uploading=True)


async def memory(bench: Bench) -> dict[str, Memory]:
    """What a crowd of the largest uploads under way takes, in a fresh server of ours and of theirs."""
    found = {}
    for start in (bench.darkroom, bench.peer):
        async with start() as server:
            await servers.uploaded(server, pictures.jpeg(SIZES_BYTES["100 KB"]))
            async with uploading(server, CROWD, SIZES_BYTES["4 MB"]) as side:
                with processes.memory(server.pid) as found[server.name]:
                    await side.drive(count=bench.pace.crowd_uploads)
            await bench.clean(server)
    return found


def _clients(count: int) -> str:
    return f"{count} client" if count == 1 else f"{count} clients"

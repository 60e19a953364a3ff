"""The servers that answer the same operations from the same database: ours and those that are compared with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beanie import PydanticObjectId
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

import embedded
from benchmarks import album, processes, servers
from benchmarks.servers import Darkroom, Peer, Server

OURS, INTERPRETED = "Darkroom", "Darkroom, graphql-core"
APOLLO, YOGA, MERCURIUS = "Apollo Server 5", "Yoga + jit", "mercurius + jit"
GRAPHQL_WS: Final = "graphql-ws"
COMMON: Final = {
    "JWT_SECRET": "a secret that only benchmarks have",
    "PUBLIC_URL": "https://images.example",
    "URL_TTL_SECONDS": "604800",
}
"""What makes addresses equal: one key, one host, and ends of signatures that are days apart."""

Contender = AbstractAsyncContextManager[Server]


@dataclass(frozen=True)
class Person:
    """Somebody who is signed up and has images."""

    id: PydanticObjectId
    token: str


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A MongoDB of its own and where servers of it run: each that is measured on `processors`, all else elsewhere."""

    mongodb: AsyncMongoClient[dict[str, Any]]
    mongodb_uri: str
    mongod_pid: int
    folder: Path
    processors: frozenset[int]

    @property
    def database(self) -> AsyncDatabase[dict[str, Any]]:
        """The one that all servers read."""
        return self.mongodb[servers.DATABASE]

    def darkroom(self, name: str = OURS, **settings: str) -> AbstractAsyncContextManager[Darkroom]:
        """Ours, as in production."""
        environment = {"ENVIRONMENT": "production", **COMMON, **settings}
        return servers.darkroom(self.mongodb_uri, self.folder, name=name, worker=False, **environment)

    def peer(self, name: str, program: str) -> AbstractAsyncContextManager[Peer]:
        """Theirs."""
        return servers.peer(
            self.mongodb_uri, self.folder, program, name=name, database=servers.DATABASE, **COMMON
        )

    def queried(self) -> list[Contender]:
        """Those that answer queries; ours comes first."""
        return [
            self.darkroom(),
            self.darkroom(INTERPRETED, COMPILED_PLANS="false"),
            self.peer(APOLLO, "apollo.mjs"),
            self.peer(YOGA, "yoga.mjs"),
            self.peer(MERCURIUS, "mercurius.mjs"),
        ]

    def subscribed(self) -> list[Contender]:
        """Those that tell subscribers what changes; ours comes first."""
        return [self.darkroom(), self.peer(GRAPHQL_WS, "graphql_ws.mjs")]

    async def start(self, contender: Contender, until: AsyncExitStack) -> Server:
        """A contender, on the processors of what is measured."""
        with processes.pinned(self.processors):
            return await until.enter_async_context(contender)

    async def people(self, count: int, images: int) -> list[Person]:
        """Signs up so many, each with so many images."""
        async with self.darkroom() as server:
            tokens = await server.people(count)
        users = await self.database["users"].find({}, {"_id": 1}, sort=[("_id", 1)]).to_list()
        people = [
            Person(PydanticObjectId(user["_id"]), token) for user, token in zip(users, tokens, strict=True)
        ]
        await album.fill(self.database, *(person.id for person in people), count=images)
        return people


@asynccontextmanager
async def stand() -> AsyncIterator[Stand]:
    """With a MongoDB that shares processors with this process, but not with what is measured, if there are two."""
    available = sorted(os.sched_getaffinity(0))
    measured, others = frozenset(available[:1]), frozenset(available[1:] or available)
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as name, processes.pinned(others):
        folder = Path(name)
        async with (
            embedded.mongod(folder / "mongodb") as mongod,
            AsyncMongoClient(mongod.uri, tz_aware=True) as client,
        ):
            yield Stand(
                mongodb=client,
                mongodb_uri=mongod.uri,
                mongod_pid=mongod.process.pid,
                folder=folder,
                processors=measured,
            )

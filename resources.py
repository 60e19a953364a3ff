"""What both processes are built on: MongoDB, storage, queue. Opened together, closed together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError as InvalidUri
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

import models
from errors import ConfigurationError, StorageError
from processing.queue.mongo import MongoQueue
from settings import Settings
from storage.gridfs import GridFSStorage

ANSWER_WITHIN_MS = 10_000


@dataclass(frozen=True)
class Resources:
    """Open connections, and the adapters that the settings choose."""

    client: AsyncMongoClient[dict[str, Any]]
    storage: GridFSStorage
    queue: MongoQueue

    async def close(self) -> None:
        """Closes what `open_all` opened."""
        await self.queue.close()
        await self.client.close()

    async def check(self) -> None:
        """Returns if everything that a request needs answers; raises what does not."""
        await self.client.admin.command("ping")
        await self.storage.check()


async def open_all(settings: Settings) -> Resources:
    """Connects, and makes the collections and indexes that are missing.

    Raises:
        ConfigurationError: MongoDB does not answer, refuses us, or is no replica set.
    """
    client = _client(settings)
    try:
        async with AsyncExitStack() as unless_opened:
            unless_opened.push_async_callback(client.close)
            await _require_replica_set(client)
            database = client[settings.mongodb_database]
            await models.prepare(database)
            storage = GridFSStorage(database)
            await storage.prepare()
            unless_opened.pop_all()
    except ServerSelectionTimeoutError as error:
        raise ConfigurationError(
            f"MONGODB_URI: no MongoDB answers there within {ANSWER_WITHIN_MS // 1000} seconds"
        ) from error
    except (PyMongoError, StorageError) as error:
        reason = type(error).__name__
        raise ConfigurationError(f"MONGODB_URI: found a MongoDB that does not serve us ({reason})") from error
    return Resources(client, storage, MongoQueue())


def _client(settings: Settings) -> AsyncMongoClient[dict[str, Any]]:
    try:
        return AsyncMongoClient(
            settings.database_uri, tz_aware=True, serverSelectionTimeoutMS=ANSWER_WITHIN_MS
        )
    except (InvalidUri, ValueError) as error:
        raise ConfigurationError(f"MONGODB_URI: found an address that is not valid ({error})") from error


def has_transactions(hello: Mapping[str, Any]) -> bool:
    """Whether a MongoDB that answers `hello` so is a replica set, or a router to several."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"


async def _require_replica_set(client: AsyncMongoClient[dict[str, Any]]) -> None:
    if not has_transactions(await client.admin.command("hello")):
        raise ConfigurationError(
            "MONGODB_URI: found a MongoDB that is no replica set, wanted one: transactions and change streams need it. "
            "Start it with --replSet and run rs.initiate() once"
        )

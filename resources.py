"""What both processes are built on: MongoDB, storage, queue. Opened together, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError as InvalidUri
from pymongo.errors import NotPrimaryError, PyMongoError, ServerSelectionTimeoutError

import models
import providers
from errors import ConfigurationError, QueueError, StorageError
from processing.queue.base import WorkQueue
from settings import Settings
from storage.adapters import Storages

ANSWER_WITHIN_MS = 10_000
ELECTION_POLL_SECONDS = 0.5
PROMISED: dict[str, Any] = {"readPreference": "primary", "readConcernLevel": "local", "w": "majority"}
"""What we promise rests on these, whatever the address says: it is often one that was written for something else."""


@dataclass(frozen=True)
class Resources:
    """Open connections, and the adapters that the settings choose."""

    client: AsyncMongoClient[dict[str, Any]]
    storages: Storages
    queue: WorkQueue

    async def close(self) -> None:
        """Closes what `open_all` opened."""
        await self.queue.close()
        await self.storages.close()
        await self.client.close()

    async def silent_part(self, within_seconds: float) -> str | None:
        """Which part that requests need does not answer in time; None if all do."""
        parts: dict[str, Callable[[], Awaitable[object]]] = {
            "MongoDB": partial(self.client.admin.command, "ping"),
            "storage": self.storages.current.check,
        }
        end = asyncio.get_running_loop().time() + within_seconds
        for name, answers in parts.items():
            try:
                async with asyncio.timeout_at(end):
                    await answers()
            except (PyMongoError, StorageError, TimeoutError):
                return name
        return None

    async def queue_is_silent(self, within_seconds: float) -> bool:
        """Whether what wakes the workers does not answer in time. No request needs it: published work waits."""
        try:
            async with asyncio.timeout(within_seconds):
                await self.queue.check()
        except (QueueError, TimeoutError):
            return True
        return False


async def open_all(settings: Settings) -> Resources:
    """Connects, and makes the collections and indexes that are missing.

    Raises:
        ConfigurationError: MongoDB does not answer, refuses us, or is no replica set; the storage or the queue cannot
            be used.
    """
    client = _client(settings)
    try:
        async with AsyncExitStack() as unless_opened:
            unless_opened.push_async_callback(client.close)
            await _require_replica_set(client)
            database = client[settings.mongodb_database]
            await _prepare(database)
            storages = await providers.open_storages(settings, database)
            unless_opened.push_async_callback(storages.close)
            queue = await providers.open_queue(settings)
            unless_opened.pop_all()
    except ServerSelectionTimeoutError as error:
        raise ConfigurationError(
            f"MONGODB_URI: no MongoDB answers there within {ANSWER_WITHIN_MS // 1000} seconds"
        ) from error
    except PyMongoError as error:
        reason = type(error).__name__
        raise ConfigurationError(f"MONGODB_URI: found a MongoDB that does not serve us ({reason})") from error
    return Resources(client, storages, queue)


async def _prepare(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Makes what is missing; while a new primary is being elected, that is waited for."""
    end = asyncio.get_running_loop().time() + ANSWER_WITHIN_MS / 1000
    while True:
        try:
            return await models.prepare(database)
        except NotPrimaryError:
            if asyncio.get_running_loop().time() > end:
                raise
            await asyncio.sleep(ELECTION_POLL_SECONDS)


def _client(settings: Settings) -> AsyncMongoClient[dict[str, Any]]:
    try:
        return AsyncMongoClient(
            settings.database_uri,
            tz_aware=True,
            tzinfo=UTC,
            serverSelectionTimeoutMS=ANSWER_WITHIN_MS,
            **PROMISED,
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

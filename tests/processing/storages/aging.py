"""Storages whose objects can be made older than they are."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from storage.filesystem import FilesystemStorage
from storage.gridfs import GridFSStorage
from storage.memory import MemoryStorage

KINDS = ("memory", "filesystem", "gridfs")


async def opened(kind, database, folder):
    """A storage of this kind, ready and empty."""
    makers = {
        "memory": MemoryStorage,
        "filesystem": lambda: FilesystemStorage(folder / "files"),
        "gridfs": lambda: GridFSStorage(database, bucket="upkeep"),
    }
    if kind == "gridfs":
        await database["upkeep.files"].delete_many({})
        await database["upkeep.chunks"].delete_many({})
    storage = makers[kind]()
    await storage.prepare()
    return storage


async def put(storage, key, content=b"x"):
    """Keeps an object."""

    async def pieces():
        yield content

    await storage.put(key, pieces())


async def read(storage, key):
    """The object's bytes."""
    return b"".join([piece async for piece in storage.get(key)])


async def keys_of(storage):
    """Those of all objects."""
    return {stored.key async for stored in storage.list("")}


async def age(storage, by=timedelta(days=3)):
    """Everything that lies there was written so long ago."""
    then = datetime.now(UTC) - by
    if isinstance(storage, MemoryStorage):
        storage._objects = {key: (content, then) for key, (content, _) in storage._objects.items()}
    elif isinstance(storage, GridFSStorage):
        await storage._files.update_many({}, {"$set": {"uploadDate": then}})
    else:
        for path in storage._folder.rglob("*"):
            os.utime(path, (then.timestamp(), then.timestamp()), follow_symlinks=False)

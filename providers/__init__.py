"""The storage adapters, the queue, the fetcher and the signer that the settings choose. One that nothing needs is not even imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from errors import ConfigurationError, StorageError
from providers.addresses import open_signer
from providers.fetching import open_fetcher, open_poster
from providers.imagekit import IMAGEKIT
from providers.origins import picture_origins
from providers.own import FILESYSTEM, GRIDFS
from providers.provider import Database, Provider
from providers.queues import open_queue
from providers.s3 import S3
from settings import Settings
from storage.adapters import Storages
from storage.base import Storage
from storage.counts import StorageCounts
from storage.watched import watched

__all__ = [
    "PROVIDERS",
    "Database",
    "Provider",
    "open_fetcher",
    "open_poster",
    "open_queue",
    "open_ready",
    "open_signer",
    "open_storages",
    "picture_origins",
]

PROVIDERS: Mapping[str, Provider] = {
    "gridfs": GRIDFS,
    "filesystem": FILESYSTEM,
    "s3": S3,
    "imagekit": IMAGEKIT,
}


async def open_storages(settings: Settings, database: Database) -> Storages:
    """The adapter that takes what is new, ready, and those that may hold what is older, once they are asked for.

    Raises:
        ConfigurationError: The adapter that `STORAGE` chooses cannot be used.
    """
    counts = StorageCounts()

    def opening(kind: str) -> Callable[[], Storage | None]:
        return lambda: _opened_if_set_up(kind, settings, database, counts)

    current = watched(await open_ready(settings.storage, settings, database), counts)
    return Storages(current, {kind: opening(kind) for kind in PROVIDERS}, counts)


async def open_ready(kind: str, settings: Settings, database: Database) -> Storage:
    """The adapter of this kind, ready to take something.

    Raises:
        ConfigurationError: It cannot be used.
    """
    provider = PROVIDERS[kind]
    storage = provider.open(settings, database)
    try:
        await storage.prepare()
        await storage.check()
    except StorageError as error:
        await storage.close()
        raise ConfigurationError(provider.unusable(settings, error)) from error
    return storage


def _opened_if_set_up(
    kind: str, settings: Settings, database: Database, counts: StorageCounts
) -> Storage | None:
    provider = PROVIDERS[kind]
    return watched(provider.open(settings, database), counts) if provider.is_set_up(settings) else None

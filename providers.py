"""The storage adapters and the fetcher that the settings choose. What nothing needs is not even imported."""

# ruff: noqa: PLC0415 - what is opened is imported there

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.asynchronous.database import AsyncDatabase

from errors import ConfigurationError, InvalidInputError, StorageError
from settings import Settings
from storage.adapters import Storages
from storage.base import Storage

if TYPE_CHECKING:
    from processing.fetch import Fetcher

Database = AsyncDatabase[dict[str, Any]]


@dataclass(frozen=True)
class Provider:
    """How to open an adapter, whether it may hold something, and what to say if it cannot be used."""

    open: Callable[[Settings, Database], Storage]
    is_set_up: Callable[[Settings], bool]
    unusable: Callable[[Settings, StorageError], str]


async def open_storages(settings: Settings, database: Database) -> Storages:
    """The adapter that takes what is new, ready, and those that may hold what is older, once they are asked for.

    Raises:
        ConfigurationError: The adapter that `STORAGE` chooses cannot be used.
    """
    current = await open_ready(settings.storage, settings, database)
    return Storages(current, {kind: _if_set_up(kind, settings, database) for kind in PROVIDERS})


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


def _if_set_up(kind: str, settings: Settings, database: Database) -> Callable[[], Storage | None]:
    provider = PROVIDERS[kind]
    return lambda: provider.open(settings, database) if provider.is_set_up(settings) else None


def open_fetcher(settings: Settings) -> Fetcher:
    """What fetches images from addresses.

    Raises:
        ConfigurationError: `FETCH_PRIVATE_ALLOWLIST` names what no address can.
    """
    from processing.fetch import Fetcher, FetchLimits, SystemResolver, target

    try:
        private_origins = [target.origin(text) for text in settings.fetch_private_allowlist]
    except InvalidInputError as error:
        found = ",".join(settings.fetch_private_allowlist)
        raise ConfigurationError(
            f"FETCH_PRIVATE_ALLOWLIST: found {found!r}, wanted hosts with ports such as images.internal:8080 ({error})"
        ) from error
    limits = FetchLimits(settings.max_file_size_bytes, settings.fetch_per_host)
    return Fetcher(limits, SystemResolver(), private_origins)


def _gridfs(_: Settings, database: Database) -> Storage:
    from storage.gridfs import GridFSStorage

    return GridFSStorage(database)


def _filesystem(settings: Settings, _: Database) -> Storage:
    from storage.filesystem import FilesystemStorage

    return FilesystemStorage(settings.files_dir)


PROVIDERS: Mapping[str, Provider] = {
    "gridfs": Provider(
        _gridfs,
        is_set_up=lambda _: True,
        unusable=lambda _, error: f"MONGODB_URI: found a MongoDB that keeps no files ({error})",
    ),
    "filesystem": Provider(
        _filesystem,
        is_set_up=lambda settings: settings.files_dir.is_dir(),
        unusable=lambda settings, error: (
            f"DATA_DIR: found no usable {settings.files_dir} ({error}), wanted a folder to keep images in"
        ),
    ),
}

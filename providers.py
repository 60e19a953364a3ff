"""The storage adapters that the settings choose. One that nothing needs is not even imported."""

# ruff: noqa: PLC0415 - an adapter is imported where it is opened

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from errors import ConfigurationError, StorageError
from settings import Settings
from storage.adapters import Storages
from storage.base import Storage

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
    provider = PROVIDERS[settings.storage]
    current = provider.open(settings, database)
    try:
        await current.prepare()
        await current.check()
    except StorageError as error:
        await current.close()
        raise ConfigurationError(provider.unusable(settings, error)) from error
    return Storages(current, {kind: _if_set_up(kind, settings, database) for kind in PROVIDERS})


def _if_set_up(kind: str, settings: Settings, database: Database) -> Callable[[], Storage | None]:
    provider = PROVIDERS[kind]
    return lambda: provider.open(settings, database) if provider.is_set_up(settings) else None


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

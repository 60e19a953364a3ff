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


def _imagekit(settings: Settings, _: Database) -> Storage:
    from storage.imagekit.adapter import ImageKitStorage

    private_key, public_key, url_endpoint = _imagekit_access(settings)
    return ImageKitStorage(
        private_key=private_key,
        public_key=public_key,
        url_endpoint=url_endpoint,
        base_url=settings.imagekit_base_url,
    )


def _imagekit_access(settings: Settings) -> tuple[str, str, str]:
    """The private key, the public key, and where ImageKit delivers.

    Raises:
        ConfigurationError: One of them is not set.
    """
    private_key = settings.imagekit_private_key and settings.imagekit_private_key.get_secret_value()
    public_key, url_endpoint = settings.imagekit_public_key, settings.imagekit_url_endpoint
    if not private_key:
        raise ConfigurationError("IMAGEKIT_PRIVATE_KEY: found nothing, wanted ImageKit's private API key")
    if not private_key.isascii():
        raise ConfigurationError(
            "IMAGEKIT_PRIVATE_KEY: found characters beyond ASCII, wanted ImageKit's private API key"
        )
    if not public_key:
        raise ConfigurationError("IMAGEKIT_PUBLIC_KEY: found nothing, wanted ImageKit's public API key")
    if not url_endpoint:
        raise ConfigurationError(
            "IMAGEKIT_URL_ENDPOINT: found nothing, wanted where ImageKit delivers, such as https://ik.imagekit.io/your_id"
        )
    return private_key, public_key, url_endpoint


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
    "imagekit": Provider(
        _imagekit,
        is_set_up=lambda settings: all(
            (settings.imagekit_private_key, settings.imagekit_public_key, settings.imagekit_url_endpoint)
        ),
        unusable=lambda _, error: f"IMAGEKIT_PRIVATE_KEY: found an ImageKit that does not serve us ({error})",
    ),
}

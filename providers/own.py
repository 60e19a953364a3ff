"""What needs no further service: MongoDB, which is there, and a folder."""

# ruff: noqa: PLC0415 - an adapter is imported where it is opened

from __future__ import annotations

from providers.provider import Database, Provider
from settings import Settings
from storage.base import Storage


def _gridfs(_: Settings, database: Database) -> Storage:
    from storage.gridfs import GridFSStorage

    return GridFSStorage(database)


def _filesystem(settings: Settings, _: Database) -> Storage:
    from storage.filesystem import FilesystemStorage

    return FilesystemStorage(settings.files_dir)


GRIDFS = Provider(
    _gridfs,
    is_set_up=lambda _: True,
    unusable=lambda _, error: f"MONGODB_URI: found a MongoDB that keeps no files ({error})",
)
FILESYSTEM = Provider(
    _filesystem,
    is_set_up=lambda settings: settings.files_dir.is_dir(),
    unusable=lambda settings, error: (
        f"DATA_DIR: found no usable {settings.files_dir} ({error}), wanted a folder to keep images in"
    ),
)

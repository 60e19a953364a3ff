"""What a folder of `FilesystemStorage` holds, seen through it and on the disk."""

from __future__ import annotations

from storage.drafts import ASIDE


async def read(storage, key):
    return b"".join([piece async for piece in storage.get(key)])


async def keys(storage, prefix=""):
    return [found.key async for found in storage.list(prefix)]


def left_over(folder):
    """Everything below the folder but the place for drafts."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.name != ASIDE)

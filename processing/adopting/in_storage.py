"""Pictures that lie where one of the storage adapters can read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from processing.adopting.base import Item, Opened, Pieces
from storage import keys
from storage.base import Storage


class InStorage:
    """One item for each object whose key begins with `prefix`.

    Args:
        storage: Where the objects lie.
        place: Which bucket or library that is; a part of the source's name.
        prefix: How keys begin.
        owner_part: Which part of a key, from 1, names the owner; None: none does.
    """

    def __init__(self, storage: Storage, place: str, prefix: str, owner_part: int | None) -> None:
        self.name = f"{storage.kind}:{place}"
        self._storage = storage
        self._prefix = prefix
        self._owner_part = owner_part

    async def count(self) -> int:
        """By listing them."""
        count = 0
        async for _ in self._storage.list(self._prefix):
            count += 1
        return count

    async def items(self) -> AsyncIterator[Item]:
        """In the order of keys."""
        async for stored in self._storage.list(self._prefix):
            if _is_picture(stored.key):
                yield Item(stored.key, self._owner(stored.key), partial(self._open, stored.key))

    def _owner(self, key: str) -> str | None:
        parts = key.split("/")[:-1]
        part = self._owner_part
        return parts[part - 1] if part and part <= len(parts) else None

    @asynccontextmanager
    async def _open(self, key: str) -> AsyncIterator[Opened]:
        yield Opened(key.rpartition("/")[2], self._pieces(key))

    async def _pieces(self, key: str) -> Pieces:
        async for piece in self._storage.get(key):
            yield piece


def _is_picture(key: str) -> bool:
    """Neither what Darkroom keeps nor a folder, for which browsers of buckets make a key that ends in a slash."""
    return not (keys.is_ours(key) or key.endswith("/"))

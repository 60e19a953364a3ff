"""What this process has put and deleted lately: ImageKit's search learns of it only seconds later."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from storage.base import StoredObject

LARGEST = 10_000
SEARCH_KNOWS_AFTER_SECONDS = 300.0
"""Far more than it takes. What this process says of an object counts no longer than that."""


class Recent:
    """The last LARGEST objects that were put, and ids that were deleted."""

    def __init__(self) -> None:
        self._put: OrderedDict[str, tuple[str, StoredObject, float]] = OrderedDict()
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def has_put(self, file_id: str, stored: StoredObject) -> None:
        """The object was put, as this file."""
        self._put.pop(stored.key, None)
        self._put[stored.key] = file_id, stored, time.monotonic()
        _bound(self._put)

    def has_deleted(self, key: str, file_id: str) -> None:
        """The object is gone, and the file with it."""
        self._put.pop(key, None)
        self._deleted[file_id] = None
        _bound(self._deleted)

    def file_id(self, key: str) -> str | None:
        """The object's file, if this process put it."""
        known = self._put.get(key)
        return known[0] if known else None

    def is_deleted(self, file_id: str) -> bool:
        """Whether this process deleted that file."""
        return file_id in self._deleted

    def below(self, prefix: str) -> Iterator[StoredObject]:
        """What was put under keys that begin so, and the search may not know yet."""
        known_since = time.monotonic() - SEARCH_KNOWS_AFTER_SECONDS
        for key, (_, stored, put_at) in self._put.items():
            if put_at > known_since and key.startswith(prefix):
                yield stored


def _bound(remembered: OrderedDict[str, Any]) -> None:
    while len(remembered) > LARGEST:
        remembered.popitem(last=False)

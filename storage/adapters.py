"""The adapters of a process: the one that takes what is new, and those that hold what is older."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from errors import StorageNotSetUpError
from storage.base import Storage
from storage.counts import StorageCounts


class Storages:
    """Chooses the adapter. Bytes stay where they were put, also when another adapter takes the new ones.

    Args:
        current: Takes what is new.
        others: How to open each further adapter, by its kind, once something that it may hold is asked for; None if
            there is nothing to open.
        counts: What the adapters are asked, if they are watched.
    """

    def __init__(
        self,
        current: Storage,
        others: Mapping[str, Callable[[], Storage | None]] | None = None,
        counts: StorageCounts | None = None,
    ) -> None:
        self.current = current
        self.counts = counts or StorageCounts()
        self._others = others or {}
        self._opened = {current.kind: current}

    def of(self, kind: str) -> Storage:
        """The adapter that holds what lies in storage of this kind.

        Raises:
            StorageNotSetUpError: There is none in this process.
        """
        storage = self._find(kind)
        if storage is None:
            raise StorageNotSetUpError(kind)
        return storage

    def __iter__(self) -> Iterator[Storage]:
        """Every adapter that may hold something."""
        kinds = dict.fromkeys([self.current.kind, *self._others])
        yield from filter(None, map(self._find, kinds))

    async def close(self) -> None:
        """Closes every adapter that was opened."""
        for storage in self._opened.values():
            await storage.close()

    def _find(self, kind: str) -> Storage | None:
        if kind not in self._opened and kind in self._others:
            opened = self._others[kind]()
            if opened is None:
                return None
            self._opened[kind] = opened
        return self._opened.get(kind)

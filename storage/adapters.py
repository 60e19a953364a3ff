"""The adapters of a process: the one that takes what is new, and those that hold what is older."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from errors import StorageError
from storage.base import Storage


class Storages:
    """Chooses the adapter. Bytes stay where they were put, also when another adapter takes the new ones.

    Args:
        current: Takes what is new.
        others: How to open each further adapter, by its kind; called once, when something that it holds is asked for.
    """

    def __init__(self, current: Storage, others: Mapping[str, Callable[[], Storage]] | None = None) -> None:
        self.current = current
        self._others = others or {}
        self._opened = {current.kind: current}

    def of(self, kind: str) -> Storage:
        """The adapter that holds what lies in storage of this kind.

        Raises:
            StorageError: It is not configured here; trying again cannot help.
        """
        if kind not in self._opened:
            if kind not in self._others:
                raise StorageError(f"storage of the kind {kind!r} is not configured", retryable=False)
            self._opened[kind] = self._others[kind]()
        return self._opened[kind]

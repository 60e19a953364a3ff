"""The Storage protocol: what every adapter promises, whoever keeps the bytes.

Nothing above `storage/` knows which adapter it was given. `tests/storage/test_contract.py` holds each adapter to
every sentence below.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class StoredObject:
    """What is known of an object without reading it."""

    key: str
    size_bytes: int
    written_at: datetime


class Storage(Protocol):
    """Objects under keys. A key is `/`-separated, made by `storage/keys.py`, never by a client.

    Every method may raise `StorageError`, whose `retryable` says whether trying again may help.
    """

    kind: str
    """The setting's value that chooses this adapter; images remember it."""

    async def prepare(self) -> None:
        """Makes what must be there before the first object, such as indexes; harmless if it is there."""
        ...

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        """Keeps the bytes of `pieces` under `key`, in constant memory.

        Atomic: a reader sees the whole object or what was there before. When it returns, the bytes are durable. If
        `pieces` raises, or the caller is cancelled, nothing is kept and the exception goes on unchanged.

        The `written_at` that it gives may be a moment off what `head` says later.
        """
        ...

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` up to, not including, `end` (None: the last byte), in constant memory.

        A range beyond the object's end is cut to it. Whoever stops before the end closes the generator.

        Raises:
            ObjectNotFoundError: At the first step, before any byte.
        """
        ...

    async def head(self, key: str) -> StoredObject:
        """What is known of the object.

        Raises:
            ObjectNotFoundError: Nothing has this key.
        """
        ...

    async def delete(self, key: str) -> None:
        """Removes the object; a missing one is no error, so that a delete can be repeated."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key starts with `prefix`, in ascending order of keys.

        What it has named may be deleted on the way; everything else is still named.
        """
        ...

    def remains(self, before: datetime) -> AsyncIterator[str]:
        """Names of what puts that died before that time have left beside the objects: parts of none of them."""
        ...

    async def discard(self, remains: str) -> None:
        """Removes what `remains` named; what is gone meanwhile is no error."""
        ...

    async def check(self) -> None:
        """Returns if the provider answers, raises `StorageError` if not. For `/readyz` and `darkroom doctor`."""
        ...

    async def close(self) -> None:
        """Lets go of connections of its own. The adapter is not used after that."""
        ...

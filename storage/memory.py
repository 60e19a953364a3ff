"""Objects in this process's memory: for tests, held to the same contract as the real adapters."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

from errors import ObjectNotFoundError
from storage.base import StoredObject

PIECE_BYTES = 256 * 1024


class MemoryStorage:
    """Keeps everything in a dict; gone with the process."""

    kind = "memory"

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, datetime]] = {}

    async def prepare(self) -> None:
        return

    async def put(self, key: str, pieces: AsyncIterator[bytes | memoryview]) -> StoredObject:
        content = b"".join([bytes(piece) async for piece in pieces])
        self._objects[key] = content, datetime.now(UTC)
        return await self.head(key)

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        content, _ = self._find(key)
        wanted = content[start:end]
        for at in range(0, len(wanted), PIECE_BYTES):
            yield wanted[at : at + PIECE_BYTES]

    async def head(self, key: str) -> StoredObject:
        content, written_at = self._find(key)
        return StoredObject(key, len(content), written_at)

    async def delete(self, key: str) -> None:
        self._objects.pop(key, None)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        for key in sorted(self._objects):
            if key.startswith(prefix):
                with suppress(ObjectNotFoundError):  # deleted meanwhile
                    yield await self.head(key)

    async def remains(self, before: datetime) -> AsyncIterator[str]:  # noqa: ARG002 - there never are any
        nothing: tuple[str, ...] = ()
        for name in nothing:
            yield name

    async def discard(self, remains: str) -> None:  # noqa: ARG002 - as above
        return

    async def check(self) -> None:
        return

    async def close(self) -> None:
        return

    def _find(self, key: str) -> tuple[bytes, datetime]:
        if key not in self._objects:
            raise ObjectNotFoundError(key)
        return self._objects[key]

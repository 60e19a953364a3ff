"""An adapter whose calls are counted.

Its methods are replaced one by one and not wrapped in another adapter: so whoever asks what else it can do
(`storage/abilities.py`) still sees it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from time import perf_counter
from typing import TypeVar

from storage.base import Storage, StoredObject
from storage.counts import Asked, StorageCounts
from storage.summed import Summed

Piece = bytes | memoryview
Result = TypeVar("Result")
Adapter = TypeVar("Adapter", bound=Storage)

ASKED_OF_A_KEY = ("head", "delete")


def watched(storage: Adapter, counts: StorageCounts) -> Adapter:
    """The same adapter, which has its calls counted from now on."""
    for operation in ASKED_OF_A_KEY:
        asked = storage.kind, operation
        setattr(storage, operation, _answering(getattr(storage, operation), asked, counts))
    for operation, watch in (("put", _putting), ("get", _getting)):
        setattr(storage, operation, watch(getattr(storage, operation), (storage.kind, operation), counts))
    return storage


def _answering(
    ask: Callable[[str], Awaitable[Result]], asked: Asked, counts: StorageCounts
) -> Callable[[str], Awaitable[Result]]:
    async def answered(key: str) -> Result:
        begun = perf_counter()
        with counts.failures(asked):
            result = await ask(key)
        counts.durations[asked].add(perf_counter() - begun)
        return result

    return answered


def _putting(
    put: Callable[[str, AsyncIterator[Piece]], Awaitable[StoredObject]], asked: Asked, counts: StorageCounts
) -> Callable[[str, AsyncIterator[Piece]], Awaitable[StoredObject]]:
    async def putting(key: str, pieces: AsyncIterator[Piece]) -> StoredObject:
        source = _Source(pieces)
        begun = perf_counter()
        with counts.failures(asked):
            stored = await put(key, Summed(source, pieces.sha256) if isinstance(pieces, Summed) else source)
        counts.durations[asked].add(perf_counter() - begun - source.waited_seconds)
        return stored

    return putting


class _Source(AsyncIterator[Piece]):
    """The pieces, and how long they were waited for: how slow a client is says nothing of storage."""

    def __init__(self, pieces: AsyncIterator[Piece]) -> None:
        self._pieces = pieces
        self.waited_seconds = 0.0

    async def __anext__(self) -> Piece:
        """The next of them."""
        begun = perf_counter()
        try:
            return await anext(self._pieces)
        finally:
            self.waited_seconds += perf_counter() - begun


def _getting(
    get: Callable[..., AsyncGenerator[bytes, None]], asked: Asked, counts: StorageCounts
) -> Callable[..., AsyncGenerator[bytes, None]]:
    async def getting(key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        begun, has_begun = perf_counter(), False
        with counts.failures(asked):
            async with aclosing(get(key, start=start, end=end)) as pieces:
                async for piece in pieces:
                    if not has_begun:
                        counts.durations[asked].add(perf_counter() - begun)
                        has_begun = True
                    yield piece

    return getting

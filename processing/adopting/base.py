"""What every source of pictures promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from errors import DarkroomError

Pieces = AsyncGenerator[bytes | memoryview, None]


class ItemUnreadableError(DarkroomError):
    """The source names an item that it cannot give, now and as long as nobody mends it."""


@dataclass(frozen=True)
class Opened:
    """The bytes of an item, and what they are called; `pieces` is read once."""

    filename: str
    pieces: Pieces


@dataclass(frozen=True)
class Item:
    """A picture in a source.

    Attributes:
        id: The same each time that the source is read, and no other item's.
        owner: Whose it is, in the source's words; None if it does not say.
        open: Begins to read it. Raises what the source raises, `FetchFailedError` and `StorageError` among it, or
            `ItemUnreadableError`.
    """

    id: str
    owner: str | None
    open: Callable[[], AbstractAsyncContextManager[Opened]]
    caption: str | None = None
    tags: Sequence[str] = ()


class Source(Protocol):
    """Where pictures are taken from. It is read as often as need be, and never changed."""

    @property
    def name(self) -> str:
        """Tells it from other sources, this time and the next; holds no secret."""
        ...

    async def count(self) -> int:
        """About how many items there are."""
        ...

    def items(self) -> AsyncIterator[Item]:
        """Every item, in the same order each time."""
        ...

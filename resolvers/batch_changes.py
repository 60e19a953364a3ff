"""A change of a batch, as clients are told of it: watched, or read later."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from beanie import PydanticObjectId

from models.batch import BatchState, Counts
from models.batch_event import BatchEvent
from models.batch_item import BatchItem

KNOWN_SECONDS = 1.0
Items = Mapping[PydanticObjectId, BatchItem]


class Part:
    """Changes that were read at once: the items that ended with them are, too, and are known for a moment."""

    def __init__(self, item_ids: Iterable[PydanticObjectId]) -> None:
        self._item_ids = frozenset(item_ids)
        self._items: Items = {}
        self._known_until = 0.0

    @classmethod
    def of(cls, events: Iterable[BatchEvent]) -> Part:
        """As the log has it."""
        return cls(event.item_id for event in events if event.item_id)

    async def items(self, read: Callable[[Iterable[PydanticObjectId]], Awaitable[Items]]) -> Items:
        """The items that ended with these changes."""
        if time.monotonic() > self._known_until:
            self._items = await read(self._item_ids) if self._item_ids else {}
            self._known_until = time.monotonic() + KNOWN_SECONDS
        return self._items


@dataclass(frozen=True)
class BatchProgress:
    """Change number `sequence`, or the batch's present state under the sequence of the last one."""

    sequence: int
    state: BatchState
    counts: Counts
    eta_seconds: int | None
    item_id: PydanticObjectId | None
    at: datetime
    part: Part = field(compare=False)
    is_place: ClassVar[bool] = False

    @classmethod
    def of(cls, event: BatchEvent, part: Part) -> BatchProgress:
        """As the log has it."""
        return cls(
            event.sequence, event.state, event.counts, event.eta_seconds, event.item_id, event.at, part
        )

    @property
    def position(self) -> int:
        """Its place among the batch's changes."""
        return self.sequence

    @property
    def progress(self) -> float:
        """How much had ended, 0.0 to 1.0."""
        return self.counts.progress

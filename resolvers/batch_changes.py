"""A change of a batch, as clients are told of it: watched, or read later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beanie import PydanticObjectId

from models.batch import BatchState, Counts
from models.batch_event import BatchEvent


@dataclass(frozen=True)
class BatchProgress:
    """Change number `sequence`, or the batch's present state under the sequence of the last one."""

    sequence: int
    state: BatchState
    counts: Counts
    eta_seconds: int | None
    item_id: PydanticObjectId | None
    at: datetime
    is_place: ClassVar[bool] = False

    @classmethod
    def of(cls, event: BatchEvent) -> BatchProgress:
        """As the log has it."""
        return cls(event.sequence, event.state, event.counts, event.eta_seconds, event.item_id, event.at)

    @property
    def position(self) -> int:
        """Its place among the batch's changes."""
        return self.sequence

    @property
    def progress(self) -> float:
        """How much had ended, 0.0 to 1.0."""
        return self.counts.progress

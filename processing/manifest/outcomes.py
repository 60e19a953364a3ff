"""What became of the rows of a manifest, as result files tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.batch_item import BatchItemState
from models.values import Failure


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one image of a row.

    Attributes:
        position: In its row.
        output_url: Where the compressed image is; told of what has succeeded.
    """

    position: int
    source_url: str
    state: BatchItemState
    output_url: str | None = None
    failure: Failure | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    kept_original: bool = False

    @property
    def is_success(self) -> bool:
        """Whether there is an output."""
        return self.state is BatchItemState.SUCCEEDED


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """What became of one row.

    Attributes:
        items: In the order of the row.
        extra: The row's own.
    """

    serial_number: str
    name: str
    items: Sequence[ItemOutcome]
    extra: Sequence[str] = ()

    @property
    def status(self) -> str:
        """A state of a batch: the one that a batch of these items alone would have."""
        states = {item.state for item in self.items}
        if states == {BatchItemState.PENDING}:
            return "QUEUED"
        if states & {BatchItemState.PENDING, BatchItemState.RUNNING}:
            return "RUNNING"
        if BatchItemState.CANCELLED in states:
            return "CANCELLED"
        if BatchItemState.FAILED not in states:
            return "COMPLETED"
        return "COMPLETED_WITH_ERRORS" if BatchItemState.SUCCEEDED in states else "FAILED"

"""Where batches and their items stand."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="Where a batch stands as a whole.")
class BatchState(Enum):
    QUEUED = strawberry.enum_value("QUEUED", description="Waits for a worker to read its manifest.")
    RUNNING = strawberry.enum_value("RUNNING", description="Items are taken up.")
    PAUSED = strawberry.enum_value("PAUSED", description="Items in hand end; no other is taken up.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="All items SUCCEEDED.")
    COMPLETED_WITH_ERRORS = strawberry.enum_value(
        "COMPLETED_WITH_ERRORS", description="Some items SUCCEEDED, others did not."
    )
    FAILED = strawberry.enum_value("FAILED", description="No item SUCCEEDED.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="No item is taken up any more; finished once those in hand have ended."
    )


@strawberry.enum(description="How far an item is.")
class BatchItemState(Enum):
    PENDING = strawberry.enum_value("PENDING", description="Waits, for the first or another try.")
    RUNNING = strawberry.enum_value("RUNNING", description="A worker was given it.")
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="Original and compressed form are kept.")
    FAILED = strawberry.enum_value("FAILED", description="There is no image; `failure` says why.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="The batch was cancelled before its turn.")

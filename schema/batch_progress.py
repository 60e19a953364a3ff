"""Numbers of a batch, and how they change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.batch
from resolvers import batch_items
from resolvers.batch_changes import BatchProgress as Change
from resolvers.context import Context
from schema.batch_item import BatchItem
from schema.batch_states import BatchState

PROGRESS = "How much has ended, 0.0 to 1.0."
ETA = "How long it will still take if it goes on as before; null while it rests, and where there is too little to judge by."


@strawberry.type(description="How many items are in which state. The five add up to `total`, always.")
class BatchCounts:
    total: int = strawberry.field(description="All.")
    pending: int = strawberry.field(description="Waiting.")
    running: int = strawberry.field(description="In a worker's hands, or about to be.")
    succeeded: int = strawberry.field(description="With a compressed form.")
    failed: int = strawberry.field(description="Without an image.")
    cancelled: int = strawberry.field(description="Never taken up.")


@strawberry.type(description="A numbered change of a batch: an item ended, or the batch as a whole changed.")
class BatchProgress:
    sequence: int = strawberry.field(description="1, 2, 3 … for each batch: no holes, no repeats.")
    state: BatchState = strawberry.field(description="Where the batch stood then.")
    counts: models.batch.Counts = strawberry.field(graphql_type=BatchCounts, description="Right after it.")
    progress: float = strawberry.field(description=PROGRESS)
    eta_seconds: int | None = strawberry.field(description=ETA)
    at: datetime = strawberry.field(description="When it was written.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, Change)

    @strawberry.field(
        description="What ended, as it is now; null when the batch as a whole changed.",
        graphql_type=BatchItem | None,
        metadata={"batch": batch_items.of_changes},
    )
    async def item(self, root: Parent[Change], info: Info[Context, None]) -> Any:
        return await info.context.together(batch_items.of_changes, root)

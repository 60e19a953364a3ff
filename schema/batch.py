"""Batches: the type, its parts and its list."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.batch
import models.values
from resolvers import batch_items, batches, products
from resolvers.context import Context
from resolvers.listed import Listed
from resolvers.paging import Paging
from schema.batch_item import BatchItemConnection, BatchItemFilter
from schema.batch_progress import ETA, PROGRESS, BatchCounts, BatchProgress
from schema.batch_states import BatchState
from schema.connection import Connection
from schema.node import Node
from schema.optional import given
from schema.problem import ManifestProblem
from schema.product import ProductConnection
from schema.scalars import URL
from schema.variant import ImageFormat
from schema.webhook import Webhook

Root = Parent[models.batch.Batch]
ContextInfo = Info[Context, None]
First = Annotated[
    int | None,
    strawberry.argument(description="How many from the beginning, 1 to 100; 20 unless said otherwise."),
]
After = Annotated[str | None, strawberry.argument(description="The cursor behind which the page lies.")]


@strawberry.enum(description="What the value of a compression means.")
class CompressionMode(Enum):
    QUALITY = strawberry.enum_value("QUALITY", description="A quality, 1 to 100.")
    TARGET_RATIO = strawberry.enum_value(
        "TARGET_RATIO", description="The most that is left of an image's bytes, 0.05 to 0.95."
    )


@strawberry.enum(description="How a result file is written.")
class ResultFormat(Enum):
    CSV = strawberry.enum_value(
        "CSV", description="The manifest's three columns, and the addresses that came of it."
    )
    EXTENDED_CSV = strawberry.enum_value(
        "EXTENDED_CSV", description="With states, failures and sizes, and the manifest's own further columns."
    )
    JSONL = strawberry.enum_value("JSONL", description="A JSON object a line for each image.")


@strawberry.type(description="How images are made smaller.")
class Compression:
    mode: CompressionMode = strawberry.field(description="What `value` means.")
    value: float = strawberry.field(description="A quality, or a share.")
    format: ImageFormat | None = strawberry.field(
        description="What they become; null: each stays what it is."
    )


@strawberry.type(description="A manifest, and what becomes of its images.")
class Batch(Node):
    state: BatchState = strawberry.field(description="Where it stands.")
    manifest_name: str = strawberry.field(
        description="What its owner called the manifest, made safe to show."
    )
    compression: models.values.Compression = strawberry.field(
        graphql_type=Compression, description="How its images are made smaller."
    )
    counts: models.batch.Counts = strawberry.field(
        graphql_type=BatchCounts, description="How many items are in which state."
    )
    bytes_in: float = strawberry.field(description="Of all that SUCCEEDED, as they were fetched.")
    bytes_out: float = strawberry.field(description="Of their compressed forms.")
    problem_count: int = strawberry.field(
        description="How many problems its manifest has, warnings included."
    )
    created_at: datetime = strawberry.field(description="When it was submitted.")
    started_at: datetime | None = strawberry.field(
        description="When its first items were there to be taken up."
    )
    finished_at: datetime | None = strawberry.field(
        description="When its last item ended; null while it goes on."
    )

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, models.batch.Batch)

    @strawberry.field(description=PROGRESS)
    def progress(self, root: Root) -> float:
        return root.counts.progress

    @strawberry.field(description=ETA)
    def eta_seconds(self, root: Root) -> int | None:
        return batches.eta_seconds(root)

    @strawberry.field(
        description="The first 1,000 problems of its manifest, by line. Rows with errors were skipped.",
        graphql_type=list[ManifestProblem],
        metadata={"batch": batches.problems},
    )
    async def problems(self, root: Root, info: ContextInfo) -> Any:
        return await info.context.together(batches.problems, root)

    @strawberry.field(
        description="Its products, in the order of the manifest, as far as that has been read.",
        graphql_type=ProductConnection,
    )
    async def products(
        self, root: Root, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> Any:
        return await products.of_batch(root, Paging(given(first), given(after)))

    @strawberry.field(
        description="Its items, in the order of the manifest, as far as that has been read.",
        graphql_type=BatchItemConnection,
    )
    async def items(
        self,
        root: Root,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter: Annotated[
            BatchItemFilter | None, strawberry.argument(description="Which items; all.")
        ] = strawberry.UNSET,
    ) -> Any:
        paging = Paging(given(first), given(after))
        return await batch_items.page(root, BatchItemFilter.unpacked(given(filter)), paging)

    @strawberry.field(
        description="Its changes, as `batchProgress` tells them: the oldest that are kept, or those behind `after`. "
        "They are kept for 30 days after the end: error EVENTS_EXPIRED for an `after` from before that.",
        graphql_type=list[BatchProgress],
    )
    async def events(
        self,
        root: Root,
        first: Annotated[
            int | None, strawberry.argument(description="How many, 1 to 1,000; 100 unless said otherwise.")
        ] = strawberry.UNSET,
        after: Annotated[
            int | None, strawberry.argument(description="The last sequence that was seen; 0 for all.")
        ] = strawberry.UNSET,
    ) -> Any:
        return await batches.events(root, given(first), given(after))

    @strawberry.field(
        description="A signed address of a result file. It can be fetched at any time, and is complete when the batch is."
    )
    def result_url(
        self,
        root: Root,
        info: ContextInfo,
        format: Annotated[
            ResultFormat | None, strawberry.argument(description="CSV unless said otherwise.")
        ] = strawberry.UNSET,
        expires_in_seconds: Annotated[
            int | None,
            strawberry.argument(description="1 to 604,800; 300 unless the service says otherwise."),
        ] = strawberry.UNSET,
    ) -> URL:
        chosen = given(format)
        name = chosen.name if chosen else None
        return URL(batches.result_url(info.context, root, name, given(expires_in_seconds)))

    @strawberry.field(description="Who is told of its end.", graphql_type=Webhook | None)
    def webhook(self, root: Root) -> Any:
        return root if root.webhook else None


@strawberry.input(description="Narrows batches down. Null narrows nothing.")
class BatchFilter:
    state: BatchState | None = strawberry.field(
        description="Where the batch stands.", default=strawberry.UNSET
    )

    @staticmethod
    def unpacked(wanted: BatchFilter | None) -> models.batch.BatchState | None:
        state = given(wanted.state) if wanted else None
        return models.batch.BatchState[state.name] if state else None


@strawberry.type(description="A batch in a list, and where it lies.")
class BatchEdge:
    node: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")
    cursor: str = strawberry.field(description="Goes into `after`.")


@strawberry.type(description="A page of batches.")
class BatchConnection(Connection):
    @strawberry.field(description="The batches with their cursors.", graphql_type=list[BatchEdge])
    def edges(self, root: Parent[Listed[models.batch.Batch]]) -> Any:
        return root.page.edges()

    @strawberry.field(description="The batches.", graphql_type=list[Batch])
    def nodes(self, root: Parent[Listed[models.batch.Batch]]) -> Any:
        return root.page.items

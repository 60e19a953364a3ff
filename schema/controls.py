"""Batches that one has, stopped, started and deleted: inputs, payloads and results."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models.batch
from schema.batch import Batch
from schema.errors import NotFoundError, WrongStateError


@strawberry.input(description="A batch to be paused.")
class PauseBatchInput:
    id: strawberry.ID = strawberry.field(description="The batch's id.")


@strawberry.input(description="A batch to be resumed.")
class ResumeBatchInput:
    id: strawberry.ID = strawberry.field(description="The batch's id.")


@strawberry.input(description="A batch to be cancelled.")
class CancelBatchInput:
    id: strawberry.ID = strawberry.field(description="The batch's id.")


@strawberry.input(description="A batch whose failed items are to be tried again.")
class RetryBatchInput:
    id: strawberry.ID = strawberry.field(description="The batch's id.")


@strawberry.input(description="A batch to be deleted.")
class DeleteBatchInput:
    id: strawberry.ID = strawberry.field(description="The batch's id.")
    with_images: bool | None = strawberry.field(
        description="Its images too, for good, but for those that you have otherwise or that other batches use. If not, "
        "they come into your gallery, and their addresses go on working.",
        default=strawberry.UNSET,
    )


@strawberry.type(description="PAUSED, as it may have been already. Items in hand still end.")
class PauseBatchPayload:
    batch: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")


@strawberry.type(description="Goes on, as it may have done already.")
class ResumeBatchPayload:
    batch: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")


@strawberry.type(description="CANCELLED, as it may have been already. Items in hand still end.")
class CancelBatchPayload:
    batch: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")


@strawberry.type(description="The failed items wait for another try; all others are as they were.")
class RetryBatchPayload:
    batch: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")
    retried_count: int = strawberry.field(description="How many items are tried again.")


@strawberry.type(description="The batch is gone, with its products, items and changes.")
class DeleteBatchPayload:
    deleted_batch_id: strawberry.ID = strawberry.field(description="The batch's id.")


PauseBatchResult = Annotated[
    PauseBatchPayload | NotFoundError | WrongStateError,
    strawberry.union("PauseBatchResult", description="The batch, or why it is not paused."),
]
ResumeBatchResult = Annotated[
    ResumeBatchPayload | NotFoundError | WrongStateError,
    strawberry.union("ResumeBatchResult", description="The batch, or why it does not go on."),
]
CancelBatchResult = Annotated[
    CancelBatchPayload | NotFoundError | WrongStateError,
    strawberry.union("CancelBatchResult", description="The batch, or why it is not cancelled."),
]
RetryBatchResult = Annotated[
    RetryBatchPayload | NotFoundError | WrongStateError,
    strawberry.union("RetryBatchResult", description="The batch, or why nothing is tried again."),
]
DeleteBatchResult = Annotated[
    DeleteBatchPayload | NotFoundError | WrongStateError,
    strawberry.union("DeleteBatchResult", description="What was deleted, or why nothing was."),
]

"""What can be done with batches: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import controls, manifests, terms
from resolvers.context import Context
from schema.controls import (
    CancelBatchInput,
    CancelBatchPayload,
    CancelBatchResult,
    DeleteBatchInput,
    DeleteBatchPayload,
    DeleteBatchResult,
    PauseBatchInput,
    PauseBatchPayload,
    PauseBatchResult,
    ResumeBatchInput,
    ResumeBatchPayload,
    ResumeBatchResult,
    RetryBatchInput,
    RetryBatchPayload,
    RetryBatchResult,
)
from schema.manifest import (
    CheckManifestInput,
    CheckManifestPayload,
    CheckManifestResult,
    CreateBatchInput,
    CreateBatchPayload,
    CreateBatchResult,
    compression_of,
    webhook_of,
)
from schema.optional import given

ContextInfo = Info[Context, None]
BATCH = "The batch."


@strawberry.type
class BatchMutations:
    @strawberry.mutation(
        description="Reads a manifest and says what it holds and what is wrong with it. Starts nothing, keeps nothing.",
        graphql_type=CheckManifestResult | None,
    )
    async def check_manifest(
        self,
        info: ContextInfo,
        input: Annotated[CheckManifestInput, strawberry.argument(description="The manifest.")],
    ) -> CheckManifestPayload:
        reading = await manifests.check(info.context, input.file)
        return CheckManifestPayload(
            row_count=reading.row_count,
            image_count=reading.image_count,
            delimiter=reading.delimiter,
            encoding=reading.encoding,
            problems=reading.problems.kept,  # type: ignore[arg-type]  # they have the published fields
            problem_count=reading.problems.count,
        )

    @strawberry.mutation(
        description="Takes a manifest in; its images are fetched and compressed in the background.",
        graphql_type=CreateBatchResult | None,
    )
    async def create_batch(
        self,
        info: ContextInfo,
        input: Annotated[
            CreateBatchInput, strawberry.argument(description="The manifest, and what to do with it.")
        ],
    ) -> CreateBatchPayload:
        on_invalid_row = given(input.on_invalid_row)
        about = terms.said(
            info.context,
            compression_of(given(input.compression)),
            on_invalid_row.name if on_invalid_row else None,
            webhook_of(given(input.webhook)),
        )
        key = given(input.idempotency_key)
        return CreateBatchPayload(batch=await manifests.create(info.context, input.file, about, key))

    @strawberry.mutation(
        description="Takes up no further items of a batch, until it is resumed.",
        graphql_type=PauseBatchResult | None,
    )
    async def pause_batch(
        self, info: ContextInfo, input: Annotated[PauseBatchInput, strawberry.argument(description=BATCH)]
    ) -> PauseBatchPayload:
        return PauseBatchPayload(batch=await controls.pause(info.context, input.id))

    @strawberry.mutation(
        description="Goes on with a batch that is paused.", graphql_type=ResumeBatchResult | None
    )
    async def resume_batch(
        self, info: ContextInfo, input: Annotated[ResumeBatchInput, strawberry.argument(description=BATCH)]
    ) -> ResumeBatchPayload:
        return ResumeBatchPayload(batch=await controls.resume(info.context, input.id))

    @strawberry.mutation(
        description="Ends a batch early: what waits is CANCELLED, what SUCCEEDED stays.",
        graphql_type=CancelBatchResult | None,
    )
    async def cancel_batch(
        self, info: ContextInfo, input: Annotated[CancelBatchInput, strawberry.argument(description=BATCH)]
    ) -> CancelBatchPayload:
        return CancelBatchPayload(batch=await controls.cancel(info.context, input.id))

    @strawberry.mutation(
        description="Tries the failed items of a finished batch again, and only those. Its changes go on with the next "
        "sequence, and its end is told again.",
        graphql_type=RetryBatchResult | None,
    )
    async def retry_batch(
        self, info: ContextInfo, input: Annotated[RetryBatchInput, strawberry.argument(description=BATCH)]
    ) -> RetryBatchPayload:
        retried = await controls.retry(info.context, input.id)
        return RetryBatchPayload(batch=retried.batch, retried_count=retried.count)

    @strawberry.mutation(
        description="Deletes a finished batch, with its products, items and changes.",
        graphql_type=DeleteBatchResult | None,
    )
    async def delete_batch(
        self,
        info: ContextInfo,
        input: Annotated[DeleteBatchInput, strawberry.argument(description="The batch, and how.")],
    ) -> DeleteBatchPayload:
        with_images = bool(given(input.with_images))
        deleted = await controls.delete(info.context, input.id, with_images=with_images)
        return DeleteBatchPayload(deleted_batch_id=strawberry.ID(deleted))

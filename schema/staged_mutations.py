"""What can be changed by staged uploads: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import staged, uploads
from resolvers.context import Context
from schema.optional import given
from schema.staged import (
    CompleteStagedUploadInput,
    CompleteStagedUploadPayload,
    CompleteStagedUploadResult,
    CreateStagedUploadInput,
    CreateStagedUploadPayload,
    CreateStagedUploadResult,
    place,
)
from schema.uploads import policy_of

ContextInfo = Info[Context, None]


@strawberry.type
class StagedMutations:
    @strawberry.mutation(
        description="Makes a place for a file, which the client then sends there itself. Nothing is taken in before "
        "`completeStagedUpload`. At most 100 places are open at a time.",
        graphql_type=CreateStagedUploadResult | None,
    )
    async def create_staged_upload(
        self,
        info: ContextInfo,
        input: Annotated[
            CreateStagedUploadInput, strawberry.argument(description="What the file is going to be.")
        ],
    ) -> CreateStagedUploadPayload:
        checksum = given(input.checksum_sha256)
        return place(
            await staged.create(info.context, input.filename, input.media_type, input.size_bytes, checksum)
        )

    @strawberry.mutation(
        description="Takes in a file that was sent to its place, and starts to develop it. The bytes are checked as those "
        "of `uploadImage`, and must be as many as were declared. A refusal ends the staged upload, unless nothing has "
        "arrived yet. A repeat of a success within 24 hours has the same answer and changes nothing.",
        graphql_type=CompleteStagedUploadResult | None,
    )
    async def complete_staged_upload(
        self,
        info: ContextInfo,
        input: Annotated[
            CompleteStagedUploadInput, strawberry.argument(description="The file, and what to say of it.")
        ],
    ) -> CompleteStagedUploadPayload:
        policy = policy_of(input.metadata_policy)
        about = uploads.said(info.context, given(input.caption), given(input.tags), policy)
        done = await staged.complete(info.context, input.id, about)
        return CompleteStagedUploadPayload(image=done.image, duplicate=done.duplicate)

"""What can be changed: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import accounts, images
from resolvers.context import Context
from schema.image import UploadImageInput, UploadImagePayload, UploadImageResult
from schema.optional import given
from schema.user import (
    LogInInput,
    LogInPayload,
    LogInResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
    session,
)

ContextInfo = Info[Context, None]


@strawberry.type(description="What can be changed. Each answers with what was done, or with a typed error.")
class Mutation:
    @strawberry.mutation(description="A new user, signed in.", graphql_type=SignUpResult | None)
    async def sign_up(
        self,
        info: ContextInfo,
        input: Annotated[SignUpInput, strawberry.argument(description="Who signs up.")],
    ) -> SignUpPayload:
        opened = await accounts.sign_up(info.context, input.email, input.password)
        return SignUpPayload(session=session(opened))

    @strawberry.mutation(description="A new session of a user.", graphql_type=LogInResult | None)
    async def log_in(
        self, info: ContextInfo, input: Annotated[LogInInput, strawberry.argument(description="Who logs in.")]
    ) -> LogInPayload:
        opened = await accounts.log_in(info.context, input.email, input.password)
        return LogInPayload(session=session(opened))

    @strawberry.mutation(
        description="Takes a file in and starts to develop it.", graphql_type=UploadImageResult | None
    )
    async def upload_image(
        self,
        info: ContextInfo,
        input: Annotated[
            UploadImageInput, strawberry.argument(description="The file, and what to say of it.")
        ],
    ) -> UploadImagePayload:
        done = await images.upload(info.context, input.file, given(input.caption), given(input.tags))
        return UploadImagePayload(image=done.image, duplicate=done.duplicate)

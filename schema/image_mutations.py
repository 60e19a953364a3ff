"""What can be changed about images: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import uploads
from resolvers.context import Context
from schema.optional import given
from schema.uploads import UploadImageInput, UploadImagePayload, UploadImageResult

ContextInfo = Info[Context, None]


@strawberry.type
class ImageMutations:
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
        done = await uploads.upload(info.context, input.file, given(input.caption), given(input.tags))
        return UploadImagePayload(image=done.image, duplicate=done.duplicate)

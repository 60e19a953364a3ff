"""What can be changed about images: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import imports, replace, upkeep, uploads
from resolvers.context import Context
from schema.imports import ImportImageInput, ImportImagePayload, ImportImageResult
from schema.optional import given, kept_or
from schema.upkeep import (
    DeleteImageInput,
    DeleteImagePayload,
    DeleteImageResult,
    RestoreImageInput,
    RestoreImagePayload,
    RestoreImageResult,
    UpdateImageInput,
    UpdateImagePayload,
    UpdateImageResult,
)
from schema.uploads import (
    ReplaceImageInput,
    ReplaceImagePayload,
    ReplaceImageResult,
    UploadImageInput,
    UploadImagePayload,
    UploadImageResult,
    UploadImagesInput,
    UploadImagesPayload,
    UploadImagesResult,
    payload,
    payloads,
    policy_of,
)

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
        policy = policy_of(input.metadata_policy)
        about = uploads.said(info.context, given(input.caption), given(input.tags), policy)
        return payload(await uploads.upload(info.context, input.file, about, given(input.idempotency_key)))

    @strawberry.mutation(
        description="Takes files in, one after the other, and starts to develop them. One that is refused leaves the "
        "others alone.",
        graphql_type=UploadImagesResult | None,
    )
    async def upload_images(
        self,
        info: ContextInfo,
        input: Annotated[
            UploadImagesInput, strawberry.argument(description="The files, and what to say of all of them.")
        ],
    ) -> UploadImagesPayload:
        about = uploads.said(info.context, None, given(input.tags), policy_of(input.metadata_policy))
        key = given(input.idempotency_key)
        return payloads(await uploads.upload_many(info.context, input.files, about, key))

    @strawberry.mutation(
        description="Fetches a file from an address, takes it in and starts to develop it.",
        graphql_type=ImportImageResult | None,
    )
    async def import_image(
        self,
        info: ContextInfo,
        input: Annotated[
            ImportImageInput, strawberry.argument(description="The address, and what to say of the file.")
        ],
    ) -> ImportImagePayload:
        policy = policy_of(input.metadata_policy)
        about = uploads.said(info.context, given(input.caption), given(input.tags), policy)
        done = await imports.from_url(info.context, input.url, about, given(input.idempotency_key))
        return ImportImagePayload(image=done.image, duplicate=done.duplicate)

    @strawberry.mutation(
        description="Gives an image, in the gallery or in the trash, another original and its filename, and develops "
        "that. Other images may have the same bytes.",
        graphql_type=ReplaceImageResult | None,
    )
    async def replace_image(
        self,
        info: ContextInfo,
        input: Annotated[ReplaceImageInput, strawberry.argument(description="The image, and the file.")],
    ) -> ReplaceImagePayload:
        policy, key = policy_of(input.metadata_policy), given(input.idempotency_key)
        return ReplaceImagePayload(
            image=await replace.replace(info.context, str(input.id), input.file, policy, key)
        )

    @strawberry.mutation(
        description="Says something else of an image, in the gallery or in the trash.",
        graphql_type=UpdateImageResult | None,
    )
    async def update_image(
        self,
        info: ContextInfo,
        input: Annotated[UpdateImageInput, strawberry.argument(description="The image, and what changes.")],
    ) -> UpdateImagePayload:
        caption, tags = kept_or(input.caption), kept_or(input.tags)
        return UpdateImagePayload(image=await upkeep.update(info.context, input.id, caption, tags))

    @strawberry.mutation(
        description="Puts an image into the trash, or deletes it for good.",
        graphql_type=DeleteImageResult | None,
    )
    async def delete_image(
        self,
        info: ContextInfo,
        input: Annotated[DeleteImageInput, strawberry.argument(description="The image, and how.")],
    ) -> DeleteImagePayload:
        deleted = await upkeep.delete(info.context, input.id, permanently=bool(given(input.permanently)))
        return DeleteImagePayload(deleted_image_id=strawberry.ID(deleted))

    @strawberry.mutation(
        description="Takes an image out of the trash.", graphql_type=RestoreImageResult | None
    )
    async def restore_image(
        self,
        info: ContextInfo,
        input: Annotated[RestoreImageInput, strawberry.argument(description="The image.")],
    ) -> RestoreImagePayload:
        return RestoreImagePayload(image=await upkeep.restore(info.context, input.id))

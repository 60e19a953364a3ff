"""Files that clients send to storage themselves: inputs, payloads and results."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

import models.image
from resolvers.staged import Staged
from schema.errors import (
    CorruptImageError,
    FileTooLargeError,
    ImageTooLargeError,
    InvalidInputError,
    NotFoundError,
    QuotaExceededError,
    UnsupportedFormatError,
)
from schema.image import Image, MetadataPolicy
from schema.scalars import URL
from schema.uploads import DUPLICATE, POLICY, TAGS, TAKEN_IN


@strawberry.input(description="What is said of a file before it is sent.")
class CreateStagedUploadInput:
    filename: str = strawberry.field(description="What its owner calls it.")
    media_type: str = strawberry.field(
        description="One of `Service.inputMediaTypes`. In the end the content decides, not this."
    )
    size_bytes: int = strawberry.field(description="Exactly how many bytes it has.")
    checksum_sha256: str | None = strawberry.field(
        description="SHA-256 of the bytes, in hex: if others arrive, they are refused.",
        default=strawberry.UNSET,
    )


@strawberry.input(description="A file that was sent.")
class CompleteStagedUploadInput:
    id: strawberry.ID = strawberry.field(description="The staged upload's id.")
    caption: str | None = strawberry.field(description="At most 2,000 characters.", default=strawberry.UNSET)
    tags: list[str] | None = strawberry.field(description=TAGS, default=strawberry.UNSET)
    metadata_policy: MetadataPolicy | None = strawberry.field(description=POLICY, default=strawberry.UNSET)


@strawberry.type(description="A header of an HTTP request.")
class HttpHeader:
    name: str = strawberry.field(description="Such as `Content-Type`.")
    value: str = strawberry.field(description="To be sent exactly so.")


@strawberry.type(description="A field of a form.")
class FormField:
    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="To be sent exactly so.")


@strawberry.type(description="A place for one file, which the client sends there itself.")
class StagedUpload:
    id: strawberry.ID = strawberry.field(description="What completes it.")
    url: URL = strawberry.field(description="Where the bytes go. It needs no token: keep it to yourself.")
    method: str = strawberry.field(description="The method of the request: `PUT` or `POST`.")
    headers: list[HttpHeader] = strawberry.field(description="What the request must carry.")
    form_fields: list[FormField] = strawberry.field(
        description="If there are any, the body is `multipart/form-data`: these in their order, then the bytes as `file`. "
        "If not, the body is the bytes."
    )
    expires_at: datetime = strawberry.field(
        description="Until when the bytes can be sent and the upload be completed. If the answer to the bytes was lost, complete the upload: it says if they have not arrived. A provider may refuse what it already has, with 412 or 403."
    )


@strawberry.type(description="There is a place for the file.")
class CreateStagedUploadPayload:
    staged_upload: StagedUpload = strawberry.field(description="Where the bytes go.")


@strawberry.type(description=TAKEN_IN)
class CompleteStagedUploadPayload:
    image: models.image.Image = strawberry.field(graphql_type=Image, description="The image of these bytes.")
    duplicate: bool = strawberry.field(description=DUPLICATE)


CreateStagedUploadResult = Annotated[
    CreateStagedUploadPayload
    | FileTooLargeError
    | UnsupportedFormatError
    | QuotaExceededError
    | InvalidInputError,
    strawberry.union(
        "CreateStagedUploadResult", description="Where the bytes go, or why they would be refused."
    ),
]
CompleteStagedUploadResult = Annotated[
    CompleteStagedUploadPayload
    | NotFoundError
    | FileTooLargeError
    | UnsupportedFormatError
    | CorruptImageError
    | ImageTooLargeError
    | QuotaExceededError
    | InvalidInputError,
    strawberry.union("CompleteStagedUploadResult", description="The image, or why it was not taken in."),
]


def place(staged: Staged) -> CreateStagedUploadPayload:
    """What a client gets of a new stage."""
    target = staged.target
    return CreateStagedUploadPayload(
        staged_upload=StagedUpload(
            id=strawberry.ID(staged.id),
            url=URL(target.url),
            method=target.method,
            headers=[HttpHeader(name=name, value=value) for name, value in target.headers.items()],
            form_fields=[FormField(name=name, value=value) for name, value in target.form_fields.items()],
            expires_at=staged.stage.expires_at,
        )
    )

"""Images from addresses: input, payload and result."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models.image
from schema.errors import (
    CorruptImageError,
    FetchFailedError,
    FileTooLargeError,
    IdempotencyConflictError,
    ImageTooLargeError,
    InvalidInputError,
    QuotaExceededError,
    UnsupportedFormatError,
)
from schema.image import Image, MetadataPolicy
from schema.scalars import URL
from schema.uploads import KEY, POLICY, TAGS

ADDRESS = (
    "Of a JPEG, PNG, WebP, GIF or AVIF that anybody can open; http or https, without a user. Redirects are followed. "
    "The file is called what its server says, or the last part of its address."
)


@strawberry.input(description="A file to be fetched and taken in.")
class ImportImageInput:
    url: URL = strawberry.field(description=ADDRESS)
    caption: str | None = strawberry.field(description="At most 2,000 characters.", default=strawberry.UNSET)
    tags: list[str] | None = strawberry.field(description=TAGS, default=strawberry.UNSET)
    metadata_policy: MetadataPolicy | None = strawberry.field(description=POLICY, default=strawberry.UNSET)
    idempotency_key: str | None = strawberry.field(
        description=KEY + " Nothing is fetched again for it.", default=strawberry.UNSET
    )


@strawberry.type(
    description="Fetched and taken in. The image is durable; its development has begun or is about to."
)
class ImportImagePayload:
    image: models.image.Image = strawberry.field(graphql_type=Image, description="The image of these bytes.")
    duplicate: bool = strawberry.field(
        description="Whether you had these bytes before: then `image` is that one, and nothing on it was changed."
    )


ImportImageResult = Annotated[
    ImportImagePayload
    | FetchFailedError
    | FileTooLargeError
    | UnsupportedFormatError
    | CorruptImageError
    | ImageTooLargeError
    | QuotaExceededError
    | IdempotencyConflictError
    | InvalidInputError,
    strawberry.union("ImportImageResult", description="The image, or why it was not taken in."),
]

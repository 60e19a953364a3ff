"""Images on their way in: inputs, payloads and results."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models.image
from resolvers.context import IncomingFile
from schema.errors import (
    CorruptImageError,
    FileTooLargeError,
    ImageTooLargeError,
    InvalidInputError,
    UnsupportedFormatError,
)
from schema.image import Image
from schema.scalars import Upload


@strawberry.input(description="A file to be taken in.")
class UploadImageInput:
    file: IncomingFile = strawberry.field(
        graphql_type=Upload, description="JPEG, PNG, WebP, GIF or AVIF; the content decides, not the name."
    )
    caption: str | None = strawberry.field(description="At most 2,000 characters.", default=strawberry.UNSET)
    tags: list[str] | None = strawberry.field(
        description="At most 50, each of 1 to 100 characters.", default=strawberry.UNSET
    )


@strawberry.type(description="Taken in. The image is durable; its development has begun or is about to.")
class UploadImagePayload:
    image: models.image.Image = strawberry.field(graphql_type=Image, description="The image of these bytes.")
    duplicate: bool = strawberry.field(
        description="Whether you had these bytes before: then `image` is that one, and nothing on it was changed."
    )


UploadImageResult = Annotated[
    UploadImagePayload
    | FileTooLargeError
    | UnsupportedFormatError
    | CorruptImageError
    | ImageTooLargeError
    | InvalidInputError,
    strawberry.union("UploadImageResult", description="The image, or why it was not taken in."),
]

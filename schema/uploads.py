"""Images on their way in: inputs, payloads and results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

import errors
import models.image
import models.values
from resolvers.context import IncomingFile
from resolvers.uploads import Ingested
from schema.errors import (
    CorruptImageError,
    Error,
    FileTooLargeError,
    IdempotencyConflictError,
    ImageTooLargeError,
    InvalidInputError,
    NotFoundError,
    QuotaExceededError,
    UnsupportedFormatError,
    twin_of,
)
from schema.image import Image, MetadataPolicy
from schema.scalars import Upload

FILE = "JPEG, PNG, WebP, GIF or AVIF; the content decides, not the name."
TAGS = "At most 50, each of 1 to 100 characters."
POLICY = "What variants may keep of the metadata; the service's own policy unless given."
TAKEN_IN = "Taken in. The image is durable; its development has begun or is about to."
DUPLICATE = "Whether you had these bytes before: then `image` is that one, and nothing on it was changed."
KEY = (
    "1 to 255 characters. A repeat of a success with the same key and input within 24 hours has the same answer "
    "and changes nothing."
)


@strawberry.input(description="A file to be taken in.")
class UploadImageInput:
    file: IncomingFile = strawberry.field(graphql_type=Upload, description=FILE)
    caption: str | None = strawberry.field(description="At most 2,000 characters.", default=strawberry.UNSET)
    tags: list[str] | None = strawberry.field(description=TAGS, default=strawberry.UNSET)
    metadata_policy: MetadataPolicy | None = strawberry.field(description=POLICY, default=strawberry.UNSET)
    idempotency_key: str | None = strawberry.field(description=KEY, default=strawberry.UNSET)


@strawberry.input(description="Files to be taken in.")
class UploadImagesInput:
    files: list[IncomingFile] = strawberry.field(graphql_type=list[Upload], description=FILE)
    tags: list[str] | None = strawberry.field(description=TAGS, default=strawberry.UNSET)
    metadata_policy: MetadataPolicy | None = strawberry.field(description=POLICY, default=strawberry.UNSET)
    idempotency_key: str | None = strawberry.field(
        description=KEY + " Each file position has a success of its own.", default=strawberry.UNSET
    )


@strawberry.input(description="A file to take the place of an image's original.")
class ReplaceImageInput:
    id: strawberry.ID = strawberry.field(description="The image's id.")
    file: IncomingFile = strawberry.field(graphql_type=Upload, description=FILE)
    metadata_policy: MetadataPolicy | None = strawberry.field(
        description="What variants may keep of the metadata; as before unless given.",
        default=strawberry.UNSET,
    )
    idempotency_key: str | None = strawberry.field(description=KEY, default=strawberry.UNSET)


@strawberry.type(description=TAKEN_IN)
class UploadImagePayload:
    image: models.image.Image = strawberry.field(graphql_type=Image, description="The image of these bytes.")
    duplicate: bool = strawberry.field(description=DUPLICATE)


UploadImageResult = Annotated[
    UploadImagePayload
    | FileTooLargeError
    | UnsupportedFormatError
    | CorruptImageError
    | ImageTooLargeError
    | QuotaExceededError
    | IdempotencyConflictError
    | InvalidInputError,
    strawberry.union("UploadImageResult", description="The image, or why it was not taken in."),
]


@strawberry.type(description="What became of each file.")
class UploadImagesPayload:
    results: list[UploadImageResult] = strawberry.field(description="One for each file, in the order given.")


UploadImagesResult = Annotated[
    UploadImagesPayload | InvalidInputError | IdempotencyConflictError,
    strawberry.union(
        "UploadImagesResult", description="What became of each file, or why none was looked at."
    ),
]


@strawberry.type(
    description="Replaced. The new original is durable, its development has begun or is about to; addresses of the old one "
    "lead nowhere any more."
)
class ReplaceImagePayload:
    image: models.image.Image = strawberry.field(
        graphql_type=Image, description="The image: id, caption, tags and place are what they were."
    )


ReplaceImageResult = Annotated[
    ReplaceImagePayload
    | NotFoundError
    | FileTooLargeError
    | UnsupportedFormatError
    | CorruptImageError
    | ImageTooLargeError
    | QuotaExceededError
    | IdempotencyConflictError
    | InvalidInputError,
    strawberry.union("ReplaceImageResult", description="The image, or why it is as it was."),
]


def policy_of(chosen: MetadataPolicy | None) -> models.values.MetadataPolicy | None:
    """The policy that was chosen; None where the service's own is wanted."""
    return models.values.MetadataPolicy[chosen.name] if isinstance(chosen, MetadataPolicy) else None


def payload(done: Ingested) -> UploadImagePayload:
    """What a client gets of an image taken in."""
    return UploadImagePayload(image=done.image, duplicate=done.duplicate)


def payloads(outcomes: Sequence[Ingested | errors.UserError]) -> UploadImagesPayload:
    """What a client gets of several."""
    results: list[UploadImagePayload | Error] = [
        twin_of(outcome) if isinstance(outcome, errors.UserError) else payload(outcome)
        for outcome in outcomes
    ]
    return UploadImagesPayload(results=results)  # type: ignore[arg-type]  # the union has every twin that a file can meet

"""Manifests on their way in: inputs, payloads and results."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

import models.batch
import models.values
from resolvers.context import IncomingFile
from schema.batch import Batch, CompressionMode
from schema.errors import (
    FileTooLargeError,
    IdempotencyConflictError,
    InvalidInputError,
    InvalidManifestError,
    QuotaExceededError,
    UnsupportedFormatError,
)
from schema.optional import given
from schema.problem import ManifestProblem
from schema.scalars import URL, Upload
from schema.uploads import KEY
from schema.variant import ImageFormat

FILE = "A CSV with the columns `S. No.`, `Product Name` and `Input Image Urls`; `docs/manifest.md` says what is read."


@strawberry.enum(description="What becomes of a manifest that has rows with errors.")
class OnInvalidRow(Enum):
    REJECT_FILE = strawberry.enum_value("REJECT_FILE", description="Nothing is begun.")
    SKIP_ROWS = strawberry.enum_value(
        "SKIP_ROWS", description="The other rows make the batch, if there are any."
    )


@strawberry.input(description="How images are made smaller.")
class CompressionInput:
    mode: CompressionMode = strawberry.field(description="What `value` means.")
    value: float = strawberry.field(description="With QUALITY 1 to 100, with TARGET_RATIO 0.05 to 0.95.")
    format: ImageFormat | None = strawberry.field(
        description="What they become. Null: each stays what it is.", default=strawberry.UNSET
    )


@strawberry.input(description="Who is told when a batch has ended.")
class WebhookInput:
    url: URL = strawberry.field(description="Where the message is sent; http or https, without a user.")
    secret: str = strawberry.field(
        description="Signs the messages, as Standard Webhooks says; never shown again. 24 to 64 bytes: `whsec_` and their "
        "base64, or the bytes as they are."
    )


@strawberry.input(description="A manifest to be looked at.")
class CheckManifestInput:
    file: IncomingFile = strawberry.field(graphql_type=Upload, description=FILE)


@strawberry.input(description="A manifest to be worked on.")
class CreateBatchInput:
    file: IncomingFile = strawberry.field(graphql_type=Upload, description=FILE)
    compression: CompressionInput | None = strawberry.field(
        description="QUALITY 50 in the format of each image, unless said otherwise.", default=strawberry.UNSET
    )
    on_invalid_row: OnInvalidRow | None = strawberry.field(
        description="REJECT_FILE unless said otherwise.", default=strawberry.UNSET
    )
    webhook: WebhookInput | None = strawberry.field(
        description="Who is told when the batch has ended.", default=strawberry.UNSET
    )
    idempotency_key: str | None = strawberry.field(description=KEY, default=strawberry.UNSET)


@strawberry.type(description="What a manifest holds. Nothing was begun.")
class CheckManifestPayload:
    row_count: int = strawberry.field(description="Rows below the header, those with errors included.")
    image_count: int = strawberry.field(description="Addresses in the rows without errors.")
    delimiter: str = strawberry.field(description="What stands between cells.")
    encoding: str = strawberry.field(description="`UTF-8` or `UTF-16`.")
    problems: list[ManifestProblem] = strawberry.field(description="The first 1,000, by line.")
    problem_count: int = strawberry.field(description="How many there are, warnings included.")


@strawberry.type(description="Taken in. The batch is durable; a worker is about to read it.")
class CreateBatchPayload:
    batch: models.batch.Batch = strawberry.field(graphql_type=Batch, description="The batch.")


CheckManifestResult = Annotated[
    CheckManifestPayload | FileTooLargeError | UnsupportedFormatError,
    strawberry.union("CheckManifestResult", description="What it holds, or why it cannot be read."),
]
CreateBatchResult = Annotated[
    CreateBatchPayload
    | InvalidManifestError
    | FileTooLargeError
    | UnsupportedFormatError
    | QuotaExceededError
    | IdempotencyConflictError
    | InvalidInputError,
    strawberry.union("CreateBatchResult", description="The batch, or why none was begun."),
]


def compression_of(wanted: CompressionInput | None) -> models.values.Compression | None:
    """How images are to be made smaller; None where the client left it to the service."""
    if wanted is None:
        return None
    image_format = given(wanted.format)
    return models.values.Compression(
        mode=models.values.CompressionMode[wanted.mode.name],
        value=wanted.value,
        format=image_format.name if image_format else None,
    )


def webhook_of(wanted: WebhookInput | None) -> models.batch.Webhook | None:
    """Who is to be told, if anybody."""
    return models.batch.Webhook(url=wanted.url, secret=wanted.secret) if wanted else None

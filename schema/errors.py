"""The Error interface, one type per cause, and the table that turns exceptions into them."""

from __future__ import annotations

import dataclasses
from typing import Any

import strawberry
from strawberry.types import Info
from strawberry.types.field import StrawberryField

import errors
from schema.batch_states import BatchState
from schema.problem import ManifestProblem

MESSAGE = "What is wrong and what to do, to be shown to people."


@strawberry.interface(
    description="A refusal that the caller can mend. Every error of a mutation has a message."
)
class Error:
    message: str = strawberry.field(description=MESSAGE)


@strawberry.type(description="A field of the input is wrong.")
class InvalidInputError(Error):
    field: list[str] = strawberry.field(description="The path inside `input`, outermost first.")


@strawberry.type(description="Somebody has signed up with this address.")
class EmailTakenError(Error):
    pass


@strawberry.type(
    description="The address or the password is wrong, which of them is not told; or the refresh token is not valid."
)
class InvalidCredentialsError(Error):
    pass


@strawberry.type(description="Too often, by one account or from one address.")
class RateLimitedError(Error):
    retry_after_seconds: int = strawberry.field(description="How long to wait before trying again.")


@strawberry.type(description="Nothing of yours has this id.")
class NotFoundError(Error):
    id: strawberry.ID = strawberry.field(description="The id that was sought.")


@strawberry.type(description="The file is too large.")
class FileTooLargeError(Error):
    limit_bytes: int = strawberry.field(description="The most bytes that a file may have.")


@strawberry.type(description="The bytes are of no format that comes in, whatever their name says.")
class UnsupportedFormatError(Error):
    detected_media_type: str | None = strawberry.field(
        description="What the bytes are instead, if that is known."
    )


@strawberry.type(description="The file is damaged or cut short.")
class CorruptImageError(Error):
    pass


@strawberry.type(description="The picture has too many pixels or frames.")
class ImageTooLargeError(Error):
    limit_pixels: int = strawberry.field(description="The most pixels that a frame may have.")
    limit_frames: int | None = strawberry.field(description="The most frames, if it has too many of them.")


@strawberry.type(description="You would keep more than you may.")
class QuotaExceededError(Error):
    limit_bytes: float = strawberry.field(
        description="The most bytes that your originals may hold. Beside `FileTooLargeError.limitBytes`, an Int, it needs an alias."
    )


@strawberry.type(description="The idempotency key was used before, with another input.")
class IdempotencyConflictError(Error):
    pass


@strawberry.type(description="Nothing could be fetched from the address. The cause is not told.")
class FetchFailedError(Error):
    pass


@strawberry.type(description="No batch can be made of the manifest.")
class InvalidManifestError(Error):
    problems: list[ManifestProblem] = strawberry.field(description="The first 1,000, by line.")
    problem_count: int = strawberry.field(description="How many there are, warnings included.")


@strawberry.type(description="This cannot be done with the batch as it stands.")
class WrongStateError(Error):
    state: BatchState = strawberry.field(description="Where it stands.")


class Twin:
    """Turns exceptions of one type into the GraphQL type of the same name, in the fields whose union has it."""

    def __init__(self, exception_type: type[errors.UserError], error_type: type[Error]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type
        self._names = [field.name for field in dataclasses.fields(error_type)]

    def handle(self, exception: Exception, *, field: StrawberryField, info: Info[Any, Any]) -> Error:  # noqa: ARG002
        """The twin, for the field that the exception ended."""
        return self.of(exception)

    def of(self, exception: Exception) -> Error:
        """The twin, with the facts that the exception carries."""
        return self.error_type(**{name: getattr(exception, name) for name in self._names})


TWINS = [
    Twin(errors.InvalidInputError, InvalidInputError),
    Twin(errors.EmailTakenError, EmailTakenError),
    Twin(errors.InvalidCredentialsError, InvalidCredentialsError),
    Twin(errors.RateLimitedError, RateLimitedError),
    Twin(errors.NotFoundError, NotFoundError),
    Twin(errors.FileTooLargeError, FileTooLargeError),
    Twin(errors.UnsupportedFormatError, UnsupportedFormatError),
    Twin(errors.CorruptImageError, CorruptImageError),
    Twin(errors.ImageTooLargeError, ImageTooLargeError),
    Twin(errors.QuotaExceededError, QuotaExceededError),
    Twin(errors.IdempotencyConflictError, IdempotencyConflictError),
    Twin(errors.FetchFailedError, FetchFailedError),
    Twin(errors.InvalidManifestError, InvalidManifestError),
    Twin(errors.WrongStateError, WrongStateError),
]

_BY_TYPE = {twin.exception_type: twin for twin in TWINS}


def twin_of(refusal: errors.UserError) -> Error:
    """The twin of a refusal that stands in a list, where it ends no field."""
    return _BY_TYPE[type(refusal)].of(refusal)

"""What the caller can mend: a refusal that says what to do, with a GraphQL twin of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errors.root import DarkroomError


class UserError(DarkroomError):
    """A refusal that says what to do; `schema/errors.py` turns it into its twin."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputError(UserError):
    """A field of the input is wrong.

    Args:
        message: What is wrong and what is wanted.
        field: The path inside `input`, outermost first.
    """

    def __init__(self, message: str, *field: str) -> None:
        super().__init__(message)
        self.field = list(field)


class EmailTakenError(UserError):
    """Somebody has signed up with this address."""

    def __init__(self) -> None:
        super().__init__("Somebody has signed up with this address. Log in instead.")


class InvalidCredentialsError(UserError):
    """What was to prove who asks does not. By default the words are the same for an unknown address and a wrong password."""

    def __init__(self, message: str = "The address or the password is wrong.") -> None:
        super().__init__(message)


class RateLimitedError(UserError):
    """Too often, by one account or from one address."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"That was too often. Try again in {retry_after_seconds:,} seconds.")
        self.retry_after_seconds = retry_after_seconds


class NotFoundError(UserError):
    """Nothing of the viewer's has this id: unknown, malformed and another's are told alike."""

    def __init__(self, sought_id: str) -> None:
        super().__init__("There is nothing with this id.")
        self.id = sought_id


class FileTooLargeError(UserError):
    """The file has more than `limit_bytes` bytes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The file is larger than {limit_bytes:,} bytes, the most that is taken.")
        self.limit_bytes = limit_bytes


class UnsupportedFormatError(UserError):
    """The bytes are of no format that comes in, whatever their name says.

    Args:
        detected_media_type: What they are instead, if that is known.
        wanted: What to send instead.
    """

    def __init__(
        self,
        detected_media_type: str | None = None,
        wanted: str = "Send a JPEG, PNG, WebP, GIF or AVIF image.",
    ) -> None:
        found = f"This is {detected_media_type}. " if detected_media_type else ""
        super().__init__(found + wanted)
        self.detected_media_type = detected_media_type


class CorruptImageError(UserError):
    """The format is known, the file is damaged or cut short."""


class ImageTooLargeError(UserError):
    """The picture has more pixels or frames than are decoded here."""

    def __init__(self, limit_pixels: int, limit_frames: int | None = None) -> None:
        frames = f" and {limit_frames:,} frames" if limit_frames else ""
        super().__init__(
            f"The picture has more than {limit_pixels:,} pixels a frame{frames}, the most that is taken."
        )
        self.limit_pixels = limit_pixels
        self.limit_frames = limit_frames


class QuotaExceededError(UserError):
    """The viewer's originals, those in the trash included, would hold more than `limit_bytes`."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"This would be more than the {limit_bytes:,} bytes that you may keep. Delete something for good first."
        )
        self.limit_bytes = limit_bytes


class WrongStateError(UserError):
    """What is in this `state` cannot be changed so.

    Args:
        message: What cannot be done, and why.
        state: Of the batch.
    """

    def __init__(self, message: str, state: str) -> None:
        super().__init__(message)
        self.state = state


class IdempotencyConflictError(UserError):
    """The key belongs to another input."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used with another input. Choose a new key for a new request."
        )


class FetchFailedError(UserError):
    """Nothing could be fetched from an address. The words are the same whatever the cause, so that nothing is learnt
    of what can be reached from here and what not.
    """

    def __init__(self) -> None:
        super().__init__("No image could be fetched from this address. Check that anybody can open it.")


class InvalidManifestError(UserError):
    """No batch can be made of the manifest.

    Args:
        problems: What is wrong with it, as `processing/manifest` tells it; the first thousand.
        problem_count: How much is wrong in all.
    """

    def __init__(self, problems: Sequence[Any], problem_count: int) -> None:
        super().__init__("No batch can be made of this manifest. Its problems say what to mend.")
        self.problems = problems
        self.problem_count = problem_count

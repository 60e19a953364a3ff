"""Why a unit did not succeed, in a code and a sentence, and whether and when it is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from errors import (
    CorruptImageError,
    FetchFailedError,
    FileTooLargeError,
    ImageTooLargeError,
    InvalidInputError,
    QuotaExceededError,
    StorageError,
    UnsupportedFormatError,
    UserError,
)
from models.batch import now
from models.batch_unit import BatchUnit
from models.values import Failure
from processing import runner
from processing.batches.outcomes import Failed, Postponed
from processing.codec.base import CompressionError
from processing.fetch.fault import OK, Fault

TRIES: Final = 5
"""In a round."""

LONGEST_WAIT_SECONDS: Final = 300.0
"""Whatever a server asks for: a batch is not kept waiting for one of its images."""

CODES: Final[dict[type[UserError], str]] = {
    FileTooLargeError: "FILE_TOO_LARGE",
    UnsupportedFormatError: "UNSUPPORTED_FORMAT",
    CorruptImageError: "CORRUPT_IMAGE",
    ImageTooLargeError: "IMAGE_TOO_LARGE",
    QuotaExceededError: "QUOTA_EXCEEDED",
    InvalidInputError: "INVALID_URL",
}
FETCH_FAILED, FETCH_INTERRUPTED, HTTP_ERROR = "FETCH_FAILED", "FETCH_INTERRUPTED", "HTTP_ERROR"
STATUSES: Final = {
    401: "ACCESS_DENIED",
    403: "ACCESS_DENIED",
    404: "NOT_FOUND",
    410: "NOT_FOUND",
    429: "TOO_MANY_REQUESTS",
    451: "ACCESS_DENIED",
}
GAVE_UP: Final = Failure(
    code="PROCESSING_FAILED",
    message="The image could not be compressed: every worker that tried stopped in the middle.",
    retryable=True,
)
STORAGE_FAILED: Final = "STORAGE_FAILED"

Cause = UserError | StorageError | CompressionError


def outcome(cause: Cause, unit: BatchUnit) -> Failed | Postponed:
    """How the try ends that `cause` broke off."""
    failure, wait_seconds = _judged(cause)
    seen_before = unit.tries > 1 and unit.failure is not None and unit.failure.code == failure.code
    is_poison = isinstance(cause, CompressionError) and seen_before
    is_ours_to_mend = not isinstance(cause, QuotaExceededError)
    if not failure.retryable or is_poison or unit.tries >= TRIES or not is_ours_to_mend:
        return Failed(failure)
    wait_seconds = max(runner.delay_seconds(unit.tries), min(wait_seconds, LONGEST_WAIT_SECONDS))
    return Postponed(failure, now() + timedelta(seconds=wait_seconds))


def _judged(cause: Cause) -> tuple[Failure, float]:
    """The failure, and how long to wait at least before the next try."""
    match cause:
        case FetchFailedError():
            fault = Fault.of(cause)
            return _of_fetch(fault, cause.message), fault.retry_after_seconds or 0.0
        case CompressionError():
            return cause.failure, 0.0
        case StorageError():
            message = "The image could not be stored."
            return Failure(code=STORAGE_FAILED, message=message, retryable=cause.retryable), 0.0
        case UserError():
            retryable = isinstance(cause, QuotaExceededError)
            return Failure(code=CODES[type(cause)], message=cause.message, retryable=retryable), 0.0


def _of_fetch(fault: Fault, generic: str) -> Failure:
    """Only what the server has answered is told. All else is one and the same, as it is for an import."""
    if fault.status is None:
        return Failure(code=FETCH_FAILED, message=generic, retryable=fault.is_temporary)
    if fault.status == OK:
        message = "The server did not send the image to its end."
        return Failure(code=FETCH_INTERRUPTED, message=message, retryable=fault.is_temporary)
    code = STATUSES.get(fault.status, HTTP_ERROR)
    return Failure(code=code, message=f"The server answered {fault.status}.", retryable=fault.is_temporary)

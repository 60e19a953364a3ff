"""Why an image cannot be made smaller, where that is the image's own fault: another try would end as this one."""

from __future__ import annotations

from models.values import Failure
from processing.codec.base import CompressionError


def damaged() -> CompressionError:
    """Its pixels cannot be decoded."""
    return _final("NOT_DECODABLE", "The picture is damaged: it cannot be decoded.")


def too_large(reason: str) -> CompressionError:
    """It has more pixels or frames than are decoded here."""
    return _final("IMAGE_TOO_LARGE", reason)


def no_picture() -> CompressionError:
    """It is of no format that is read here."""
    return _final("UNSUPPORTED_FORMAT", "This is no JPEG, PNG, WebP, GIF or AVIF.")


def _final(code: str, message: str) -> CompressionError:
    return CompressionError(Failure(code=code, message=message, retryable=False))

"""Why an image cannot be made smaller, where that is the image's own fault: another try would end as this one."""

from __future__ import annotations

import re
from typing import Final

from models.image import Failure
from processing.codec import endings
from processing.codec.base import CompressionError

_OUT_OF_MEMORY: Final = re.compile(
    r"out of memory|memory allocation|insufficient memory|failed to allocate|error creating thread",
    re.IGNORECASE,
)
"""As libvips, libheif, libwebp, libjpeg and GLib put it: none of them has a code for it that comes through."""


def damaged() -> CompressionError:
    """Its pixels cannot be decoded."""
    return _final("NOT_DECODABLE", "The picture is damaged: it cannot be decoded.")


def given_up(words: str) -> CompressionError:
    """A library has given up, and says so in these words: for want of memory, or since the pixels cannot be decoded."""
    return CompressionError(endings.TOO_LARGE) if _OUT_OF_MEMORY.search(words) else damaged()


def too_large(reason: str) -> CompressionError:
    """It has more pixels or frames than are decoded here."""
    return _final("IMAGE_TOO_LARGE", reason)


def no_picture() -> CompressionError:
    """It is of no format that is read here."""
    return _final("UNSUPPORTED_FORMAT", "This is no JPEG, PNG, WebP, GIF or AVIF.")


def _final(code: str, message: str) -> CompressionError:
    return CompressionError(Failure(code=code, message=message, retryable=False))

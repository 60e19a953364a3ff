"""Originals on their way from storage into the codec, and what its failures mean to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from errors import DecodeError, DecoderGoneError
from models.image import Image
from models.values import Failure
from processing.codec import endings
from processing.codec.base import Codec, CompressionError, Slot
from processing.codec.pool import Bounds
from storage.base import Storage

BOUNDS: Final = Bounds(cpu_seconds=15, cpu_seconds_per_megapixel=0.25, wall_seconds_per_megapixel=1)
"""Presets are small, whatever they are made of: most of the time goes into reading."""

_MEANINGS: Final = {
    endings.CRASHED.code: ("DECODE_CRASH", "The decoder crashed on the picture."),
    endings.TOO_SLOW.code: (
        "DECODE_TIMED_OUT",
        "The picture needs more processor time than one may have.",
    ),
    endings.TOO_LARGE.code: ("IMAGE_TOO_LARGE_TO_DECODE", "The picture needs more memory than one may have."),
}
_DAMAGED: Final = ("CORRUPT_IMAGE", "The picture is damaged: it cannot be decoded.")


@asynccontextmanager
async def original(codec: Codec, storage: Storage, image: Image) -> AsyncIterator[Slot]:
    """The image's original in a slot of the codec, for the length of the block. What ends it is translated.

    Raises:
        DecodeError: The picture does not decode, and never will.
        DecoderGoneError: Another try may help.
        ObjectNotFoundError: There are no bytes.
    """
    try:
        async with codec.slot() as slot:
            async for piece in storage.get(image.storage.key):
                slot.write(piece)
            yield slot
    except CompressionError as error:
        raise _meant(error.failure) from error


def _meant(failure: Failure) -> DecodeError | DecoderGoneError:
    if failure.retryable:
        return DecoderGoneError(failure.message)
    code, message = _MEANINGS.get(failure.code, _DAMAGED)
    return DecodeError(message, code)

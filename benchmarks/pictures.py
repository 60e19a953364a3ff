"""JPEGs of an exact size, with a place in them whose bytes may be anything."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator

import numpy as np
import pyvips

from benchmarks.load import UNIQUE_BYTES
from tests.pictures import photo

START_BYTES = 2
COMMENT = 0xFFFE
COMMENT_HEAD_BYTES = 4
COMMENT_MAX_BYTES = 0xFFFF + 2
ENCODED_SHARE = 0.9
PIXELS_PER_BYTE = 4.9
"""Of what a camera writes at usual qualities."""

DETAIL = 1.3
"""How quickly what is fine fades in nature: amplitudes fall as the frequency to this power."""

UNIQUE_AT = START_BYTES + COMMENT_HEAD_BYTES
"""Where the first comment's text begins."""


@functools.cache
def jpeg(size_bytes: int) -> bytes:
    """A JPEG of exactly this size: nine tenths picture, the rest comments, the first with UNIQUE_BYTES at UNIQUE_AT."""
    return b"".join(padded(photo(round(size_bytes * ENCODED_SHARE)), size_bytes))


@functools.cache
def photograph(size_bytes: int) -> bytes:
    """As `jpeg`, but with the pixels and the spectrum of a photograph: what codecs are made for."""
    width_px = round((size_bytes * PIXELS_PER_BYTE * 4 / 3) ** 0.5)
    pixels = _scene(width_px, width_px * 3 // 4)
    most_bytes = size_bytes - COMMENT_HEAD_BYTES - UNIQUE_BYTES
    for quality in range(95, 0, -1):
        encoded: bytes = pixels.write_to_buffer(".jpg", Q=quality)
        if len(encoded) <= most_bytes:
            return b"".join(padded(encoded, size_bytes))
    raise ValueError("There is no JPEG that small.")


def _scene(width_px: int, height_px: int) -> pyvips.Image:
    """Clouds in three colours that mostly go together, with grain."""
    random = np.random.default_rng(0)
    frequencies = np.hypot(np.fft.fftfreq(height_px, 1 / height_px)[:, None], np.arange(width_px // 2 + 1))
    frequencies[0, 0] = np.inf

    def clouds() -> np.ndarray:
        noise = np.fft.rfft2(random.standard_normal((height_px, width_px)))
        made = np.fft.irfft2(noise * frequencies**-DETAIL, (height_px, width_px))
        return made / made.std()

    light, warm, cold = clouds(), clouds(), clouds()
    colours = 128 + 50 * light[..., None] + np.stack([8 * warm, -4 * warm - 2 * cold, 10 * cold], -1)
    grain = 3 * random.standard_normal(colours.shape)
    pixels = np.clip(colours + grain, 0, 255).astype(np.uint8)
    raw = pyvips.Image.new_from_memory(pixels.tobytes(), width_px, height_px, 3, "uchar")
    return raw.copy(interpretation="srgb")


def padded(encoded: bytes, size_bytes: int) -> Iterator[bytes]:
    """A JPEG made this large with comments, piece by piece."""
    yield encoded[:START_BYTES]
    yield from _comments(size_bytes - len(encoded))
    yield encoded[START_BYTES:]


def _comments(size_bytes: int) -> Iterator[bytes]:
    """Comment segments of this size together; it is at least that of the shortest that holds UNIQUE_BYTES."""
    shortest = COMMENT_HEAD_BYTES + UNIQUE_BYTES
    left = size_bytes
    while left:
        length = left if left <= COMMENT_MAX_BYTES else min(COMMENT_MAX_BYTES, left - shortest)
        yield struct.pack(">HH", COMMENT, length - 2) + bytes(length - COMMENT_HEAD_BYTES)
        left -= length

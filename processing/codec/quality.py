"""What a quality from 1 to 100 means in each format, and which one a size asks for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from processing.render import AVIF_EFFORTS

LEAST, BEST = 1, 100
MOST_ENCODINGS: Final = 7
CLOSE: Final = 0.97
"""Of the goal: near enough to end a search."""

_START: Final = 50
_QUALITIES_PER_LOG: Final = 30
_LOSSLESS_PNG: Final = 95
"""From here on a PNG keeps all its colours."""
_BITS_OF_GIF: Final = ((50, 8), (30, 7), (15, 6), (0, 5))
"""From which quality on a GIF's palettes have so many bits."""


def of(value: float) -> int:
    """The quality that is asked for."""
    return min(BEST, max(LEAST, round(value)))


def options(image: Any, media_type: str, quality: int) -> dict[str, Any]:
    """Of libvips' saver."""
    if media_type == "image/jpeg":
        return {"Q": quality, "optimize_coding": True}
    if media_type == "image/webp":
        return {"Q": quality, "effort": 2}
    if media_type == "image/avif":
        pixels = image.width * image.height
        return {"Q": quality, "effort": next((effort for most, effort in AVIF_EFFORTS if pixels <= most), 0)}
    if media_type == "image/gif":
        bits = next(bits for least, bits in _BITS_OF_GIF if quality >= least)
        return {"effort": 3, "dither": 0, "bitdepth": bits, "interframe_maxerror": (BEST - quality) / 10}
    if quality >= _LOSSLESS_PNG:
        return {"compression": 9}
    return {"palette": True, "Q": quality, "effort": 1, "compression": 9}


def fitted(made: Callable[[int], bytes], goal_bytes: int) -> bytes:
    """The file of the highest quality that is not above the goal, or one that is `CLOSE`; the smallest if none is.

    Args:
        made: Encodes with a quality.
        goal_bytes: The most.
    """
    low, high, quality = LEAST, BEST, _START
    found: dict[int, bytes] = {}
    while low <= high and len(found) < MOST_ENCODINGS:
        size_bytes = len(found.setdefault(quality, made(quality)))
        if goal_bytes * CLOSE <= size_bytes <= goal_bytes:
            break
        low, high = (low, quality - 1) if size_bytes > goal_bytes else (quality + 1, high)
        quality = min(high, max(low, quality + _step(goal_bytes / size_bytes)))
    fitting = [encoded for encoded in found.values() if len(encoded) <= goal_bytes]
    return max(fitting, key=len) if fitting else min(found.values(), key=len)


def _step(factor: float) -> int:
    """How far the quality is to move for a file so many times as large; 1 at least."""
    step = round(_QUALITIES_PER_LOG * math.log(factor))
    return step or (1 if factor > 1 else -1)

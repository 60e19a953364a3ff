"""How large a variant is: arithmetic alone, so that a query can say it and a maker can hold to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_SIDE_PX: Final = 8_192
MAX_PIXELS: Final = 50_000_000
"""Of a variant's frame."""

ANIMATION_PIXELS: Final = 16_000_000
"""Of all frames together: 64 MB while they are worked on."""


class Fit(StrEnum):
    """How a picture is brought into a box."""

    CONTAIN = "CONTAIN"
    COVER = "COVER"
    FILL = "FILL"


@dataclass(frozen=True)
class Size:
    """In pixels, upright; of one frame."""

    width_px: int
    height_px: int

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width_px * self.height_px


@dataclass(frozen=True)
class Box:
    """What a picture is to be brought into; a side that is None follows from the picture's proportions."""

    width_px: int | None = None
    height_px: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether both sides are given."""
        return self.width_px is not None and self.height_px is not None


def fitted(original: Size, box: Box, fit: Fit, max_pixels: int = MAX_PIXELS) -> Size:
    """How large the original comes out; no side is ever 0.

    CONTAIN lies within the box, COVER has its proportions and lies within the original: neither is larger than the
    original, nor has a side above MAX_SIDE_PX or more than about `max_pixels`. FILL is the box, however large; without any side
    it is CONTAIN.
    """
    if fit == Fit.FILL and (box.width_px or box.height_px):
        return _completed(original, box)
    if fit == Fit.COVER and box.width_px and box.height_px:
        return _covering(original, Size(box.width_px, box.height_px), max_pixels)
    sides = (
        (box.width_px or MAX_SIDE_PX) / original.width_px,
        (box.height_px or MAX_SIDE_PX) / original.height_px,
    )
    return _scaled(original, min(*sides, _largest_scale(original, max_pixels)))


def before_cut(original: Size, cut: Size) -> Size:
    """How large the whole picture is when `cut`, which it covers, is cut out of its middle."""
    scale = max(cut.width_px / original.width_px, cut.height_px / original.height_px)
    whole = _scaled(original, scale)
    return Size(max(cut.width_px, whole.width_px), max(cut.height_px, whole.height_px))


def _completed(original: Size, box: Box) -> Size:
    in_proportion = original.width_px / original.height_px
    width_px = box.width_px or max(1, round((box.height_px or 1) * in_proportion))
    return Size(width_px, box.height_px or max(1, round(width_px / in_proportion)))


def _covering(original: Size, box: Size, max_pixels: int) -> Size:
    """The box, shrunk in proportion until the original need not be enlarged to cover it."""
    scale = max(box.width_px / original.width_px, box.height_px / original.height_px)
    return _scaled(box, min(1.0, _largest_scale(original, max_pixels) / scale))


def _largest_scale(original: Size, max_pixels: int) -> float:
    return min(1.0, math.sqrt(max_pixels / original.pixels))


def _scaled(size: Size, scale: float) -> Size:
    return Size(max(1, round(size.width_px * scale)), max(1, round(size.height_px * scale)))

"""ThumbHash: a blurred picture in about 25 bytes.

Written here because of the existing packages, one has no wheels for common machines and one fails on transparency.

Source: the format as Evan Wallace's reference implementation defines it, https://evanw.github.io/thumbhash/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

LONGEST_SIDE_PX = 100

Plane = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Waves:
    """A plane as a sum of cosines: its mean, the others from low to high, and the size of the largest of those."""

    mean: float
    others: list[float]
    scale: float

    @property
    def nibbles(self) -> list[int]:
        """The others as 0 to 15, where 7.5 is nothing and the ends are `scale` down and up."""
        if not self.scale:
            return [0] * len(self.others)
        return [_round(15 * (0.5 + 0.5 / self.scale * wave)) for wave in self.others]


def encode(width_px: int, height_px: int, rgba: bytes) -> bytes:
    """The hash of a picture of at most LONGEST_SIDE_PX a side; four bytes a pixel, row by row, alpha not premultiplied."""
    if max(width_px, height_px) > LONGEST_SIDE_PX:
        raise ValueError(f"{width_px} x {height_px} pixels are more than {LONGEST_SIDE_PX} a side")
    luminance, yellow_blue, red_green, alpha = _planes(width_px, rgba)
    has_alpha = min(rgba[3::4]) < 255  # noqa: PLR2004 - opaque
    waves_x, waves_y = _proportioned(width_px, height_px, 5 if has_alpha else 7)
    parts = [
        _transformed(luminance, max(waves_x, 3), max(waves_y, 3)),
        _transformed(yellow_blue, 3, 3),
        _transformed(red_green, 3, 3),
    ]
    is_landscape = width_px > height_px
    header = _header(parts, has_alpha, is_landscape, waves_y if is_landscape else waves_x)
    if has_alpha:
        parts.append(_transformed(alpha, 5, 5))
        header += bytes([_round(15 * parts[3].mean) | _round(15 * parts[3].scale) << 4])
    return header + _packed([nibble for part in parts for nibble in part.nibbles])


def _planes(width_px: int, rgba: bytes) -> tuple[Plane, Plane, Plane, Plane]:
    """Luminance, yellow against blue, red against green, and alpha; where it is seen through, the mean colour shows."""
    alphas = [alpha / 255 for alpha in rgba[3::4]]
    total = sum(alphas)
    red, green, blue = (_over_mean(rgba[channel::4], alphas, total) for channel in range(3))
    planes = (
        [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)],
        [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)],
        [r - g for r, g in zip(red, green, strict=True)],
        alphas,
    )
    luminance, yellow_blue, red_green, alpha = (_rows(plane, width_px) for plane in planes)
    return luminance, yellow_blue, red_green, alpha


def _over_mean(channel: bytes, alphas: Sequence[float], total: float) -> list[float]:
    seen = [value / 255 * alpha for value, alpha in zip(channel, alphas, strict=True)]
    mean = sum(seen) / total if total else 0.0
    return [mean * (1 - alpha) + value for value, alpha in zip(seen, alphas, strict=True)]


def _rows(plane: Sequence[float], width_px: int) -> Plane:
    return [plane[at : at + width_px] for at in range(0, len(plane), width_px)]


def _proportioned(width_px: int, height_px: int, most: int) -> tuple[int, int]:
    """How many waves go along each side: `most` along the longer."""
    longest = max(width_px, height_px)
    return max(1, _round(most * width_px / longest)), max(1, _round(most * height_px / longest))


def _transformed(plane: Plane, waves_x: int, waves_y: int) -> Waves:
    """The low corner of a two-dimensional cosine transform: a triangle of `waves_x` by `waves_y`."""
    height, width = len(plane), len(plane[0])
    across = [[sum(map(mul, row, wave)) for row in plane] for wave in _cosines(waves_x, width)]
    down = _cosines(waves_y, height)
    found = [
        sum(map(mul, across[x], down[y])) / (width * height)
        for y in range(waves_y)
        for x in range(waves_x)
        if x * waves_y < waves_x * (waves_y - y)
    ]
    mean, *others = found
    return Waves(mean, others, max(map(abs, others), default=0.0))


def _cosines(count: int, length: int) -> list[list[float]]:
    return [[math.cos(math.pi / length * wave * (at + 0.5)) for at in range(length)] for wave in range(count)]


def _header(parts: Sequence[Waves], has_alpha: bool, is_landscape: bool, shorter_waves: int) -> bytes:  # noqa: FBT001 - two bits
    luminance, yellow_blue, red_green = parts
    colours = (
        _round(63 * luminance.mean)
        | _round(31.5 + 31.5 * yellow_blue.mean) << 6
        | _round(31.5 + 31.5 * red_green.mean) << 12
        | _round(31 * luminance.scale) << 18
        | has_alpha << 23
    )
    shape = (
        shorter_waves
        | _round(63 * yellow_blue.scale) << 3
        | _round(63 * red_green.scale) << 9
        | is_landscape << 15
    )
    return colours.to_bytes(3, "little") + shape.to_bytes(2, "little")


def _packed(nibbles: Sequence[int]) -> bytes:
    """Two to a byte, the first in the low half."""
    even = [*nibbles, 0] if len(nibbles) % 2 else nibbles
    return bytes(low | high << 4 for low, high in zip(even[::2], even[1::2], strict=True))


def _round(value: float) -> int:
    """Halves go up, as the reference rounds; Python's own `round` sends them to the even side."""
    return math.floor(value + 0.5)

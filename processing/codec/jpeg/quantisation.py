"""How coarsely each frequency is kept: libjpeg's tables for a quality, those between two qualities, and the source's.

Source: ITU-T T.81, Annex K.1 (the tables) and libjpeg's `jcparam.c` (how a quality scales them).
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Table: TypeAlias = NDArray[np.int32]
"""64 steps in natural order, by rows."""
Tables: TypeAlias = tuple[Table, Table]
"""Of luma and of chroma."""

COEFFICIENTS: Final = 64
# fmt: off
ZIGZAG: Final = np.array([
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
])
"""Where in natural order each coefficient stands that follows in a file."""

_LUMA: Final = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
])
_CHROMA: Final = np.array([
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
])
# fmt: on
BEST_QUALITY: Final = 100
_MIDDLE_QUALITY: Final = 50
_MIDDLE_PERCENT: Final = 100
_FINEST_PERCENT: Final = 0.5
_COARSEST_STEP: Final = 255


@cache
def of_quality(quality: int) -> Tables:
    """Libjpeg's for a quality from 1 to 100."""
    percent = 5000 // quality if quality < _MIDDLE_QUALITY else 200 - 2 * quality
    luma, chroma = (
        np.clip((table * percent + 50) // 100, 1, _COARSEST_STEP).astype(np.int32)
        for table in (_LUMA, _CHROMA)
    )
    return luma, chroma


def between(position: int) -> Tables:
    """Those of a quality in 64ths: the first frequencies already have the steps of the next better quality.

    Args:
        position: A quality from 1 to 99, times 64, and how many frequencies of the next one.
    """
    quality, better = divmod(position, COEFFICIENTS)
    places = ZIGZAG[:better]
    mixed = tuple(table.copy() for table in of_quality(quality))
    for table, finer in zip(mixed, of_quality(min(BEST_QUALITY, quality + 1)), strict=True):
        table[places] = finer[places]
    return mixed[0], mixed[1]


def coarseness(position: int) -> float:
    """By which factor the steps of Annex K are multiplied there, in percent."""
    quality = position / COEFFICIENTS
    return 5000 / quality if quality < _MIDDLE_QUALITY else max(_FINEST_PERCENT, 200 - 2 * quality)


def position(coarseness: float) -> int:
    """The inverse, to the nearest."""
    quality = 5000 / coarseness if coarseness > _MIDDLE_PERCENT else 100 - coarseness / 2
    return round(quality * COEFFICIENTS)


def coarseness_of(luma: Table) -> float:
    """That of any table, by the mean of its logarithms."""
    return float(100 * np.exp(np.mean(np.log(np.maximum(luma, 1) / _LUMA))))


def turned(tables: Tables) -> Tables:
    """For a picture whose rows become columns."""
    luma, chroma = (np.ascontiguousarray(table.reshape(8, 8).T).reshape(COEFFICIENTS) for table in tables)
    return luma, chroma

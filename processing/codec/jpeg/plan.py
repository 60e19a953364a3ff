"""Which way a JPEG goes: the cheapest that keeps what is to be kept."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import numpy as np

from models.values import Compression, CompressionMode
from processing.codec.jpeg import quantisation
from processing.codec.jpeg.facts import QUARTER, Facts
from processing.probe.orientation import UPRIGHT

FULL_COLOUR_QUALITY: Final = 90
"""From here on colours keep the resolution that they have, as libvips and others have it."""

_GREY_COMPONENTS: Final = 1


class Path(Enum):
    """The ways."""

    LIBVIPS = auto()
    """Decoded to RGB: for what libjpeg does not read as planes."""
    TURN = auto()
    """Planes are turned upright."""
    FIT = auto()
    """The quality is searched that a size asks for; the coefficients are coarsened to it."""
    REQUANTISE = auto()
    """Coefficients are coarsened where they are finer than is wanted, and nothing is decoded to samples."""
    QUARTER = auto()
    """Colours go down to half their width and height."""
    STREAM = auto()
    """Planes as they are, in memory of a few rows."""


def plan(facts: Facts, compression: Compression) -> Path:
    """The first way that fits."""
    if not facts.is_plain or not facts.steps:
        return Path.LIBVIPS
    if facts.orientation != UPRIGHT:
        return Path.TURN
    if compression.mode == CompressionMode.TARGET_RATIO:
        return Path.FIT
    quality = wanted_quality(compression)
    if facts.is_progressive or _is_coarse(facts, quality):
        return Path.REQUANTISE
    if has_full_colours(facts) and quality < FULL_COLOUR_QUALITY:
        return Path.QUARTER
    return Path.STREAM


def wanted_quality(compression: Compression) -> int:
    """1 to 100."""
    return min(100, max(1, round(compression.value)))


def has_full_colours(facts: Facts) -> bool:
    """Whether its colours have more samples than in 4:2:0."""
    return len(facts.frame.sampling) > _GREY_COMPONENTS and facts.frame.sampling != QUARTER


def _is_coarse(facts: Facts, quality: int) -> bool:
    """Whether most of its steps are as coarse as is wanted already, so that decoding it would lose for nothing."""
    wanted, _ = quantisation.of_quality(quality)
    return bool(np.mean(facts.steps[0] >= wanted) > 1 / 2)

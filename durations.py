"""How long things take, in plain numbers: counting is an addition, and reading them is free."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

BOUNDS_SECONDS: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""Uppermost values of the buckets that durations are counted in; the last bucket has none."""


class Durations:
    """How long things took, as a histogram has it.

    Attributes:
        buckets: How many fell into each bucket, one more than BOUNDS_SECONDS.
        sum_seconds: All together.
    """

    __slots__ = ("buckets", "sum_seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_SECONDS) + 1)
        self.sum_seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.buckets[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.sum_seconds += seconds

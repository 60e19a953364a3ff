"""A picture in the finest steps that keep its file below a share of what it has: one decoding, a search, one writing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

from processing.codec.jpeg import huffman, quantisation, segments
from processing.codec.jpeg.coefficients import Coefficients
from processing.codec.jpeg.encoder import Carried, Coding
from processing.codec.jpeg.estimate import Estimator
from processing.codec.jpeg.facts import Facts
from processing.codec.jpeg.quantisation import BEST_QUALITY, COEFFICIENTS, Table

AIM: Final = 0.992
"""Of the goal: an estimate may be wrong by so much."""
CLOSE: Final = 0.990
"""Of what is aimed at: near enough to end a search."""
MOST_PROBES, MOST_WRITINGS = 12, 4

_LEAST, _MOST = COEFFICIENTS, (BEST_QUALITY - 1) * COEFFICIENTS
_START: Final = 50 * COEFFICIENTS
_STEPS_PER_LOG: Final = 28 * COEFFICIENTS
"""How far the position moves where the size changes by a factor of e, in most pictures."""


def fitted(content: memoryview, facts: Facts, ratio: float, carried: Carried) -> bytes:
    """The picture in at most `ratio` of its bytes, less than 3 % below it where its steps allow; in the coarsest steps
    that there are if that is still too much.

    Raises:
        CompressionError: It is damaged.
    """
    goal = len(content) * ratio
    steps: tuple[Table, ...] = facts.steps
    along = sum(len(body) + 4 for _, body in carried)
    with Coefficients(content) as coefficients:
        search = _Search(content, facts, coefficients)
        for _ in range(MOST_WRITINGS):
            coding = search.coding(goal - along)
            coefficients.quantise(steps, coding.tables)
            steps = (coding.tables[0], *[coding.tables[1]] * (len(steps) - 1))
            made = coefficients.written(coding, carried)
            if len(made) <= goal or search.is_at_its_end:
                break
            search.correct(len(made) - along)
        return made


def codings(content: memoryview, facts: Facts, ratio: float, carried: Carried) -> Iterator[Coding]:
    """For a picture that is turned before it is written: how it must be coded as it lies, then ever more coarsely."""
    along = sum(len(body) + 4 for _, body in carried)
    with Coefficients(content) as coefficients:
        search = _Search(content, facts, coefficients)
    goal = len(content) * ratio - along
    for _ in range(MOST_WRITINGS):
        yield search.coding(goal)
        goal *= AIM


class _Search:
    """Knows which size is estimated for which position between the qualities (`quantisation.between`)."""

    def __init__(self, content: memoryview, facts: Facts, coefficients: Coefficients) -> None:
        self._facts, self._estimator = facts, Estimator(coefficients, facts.steps)
        self._known: dict[int, float] = {}
        self._factor, self._position = 1.0, _START
        if not facts.is_progressive:
            data = (piece for piece in segments.walk(content) if piece.marker == segments.DATA)
            self._estimator.learn(coefficients, sum(piece.end - piece.begin for piece in data))

    @property
    def is_at_its_end(self) -> bool:
        """Whether there are no coarser steps than the last ones."""
        return self._position == _LEAST

    def coding(self, goal_bytes: float) -> Coding:
        """The finest that is estimated to fit."""
        self._position = highest(self._size_bytes, goal_bytes * AIM)
        return self._coding(self._position)

    def correct(self, size_bytes: int) -> None:
        """Learns how large the last coding has made the picture."""
        self._factor *= size_bytes / self._size_bytes(self._position)

    def _size_bytes(self, position: int) -> float:
        if position not in self._known:
            coding = self._coding(position)
            self._known[position] = self._estimator.size_bytes(coding.tables, coding.codes)
        return self._known[position] * self._factor

    def _coding(self, position: int) -> Coding:
        tables = quantisation.never_finer(quantisation.between(position), self._facts.steps)
        return Coding(tables, huffman.trained(position // COEFFICIENTS))


def highest(size_bytes: Callable[[int], float], goal_bytes: float) -> int:
    """The highest position whose size is not above the goal, or one that is `CLOSE`; the lowest if there is none.

    By the line through the two logarithms that enclose the goal, which are nearly on one.
    """
    low, high = _LEAST, _MOST
    sizes: dict[int, float] = {}
    position = _START
    for _ in range(MOST_PROBES):
        sizes[position] = size_bytes(position)
        if sizes[position] > goal_bytes:
            high = position - 1
        else:
            low = position
            if sizes[position] >= goal_bytes * CLOSE:
                break
        if low >= high:
            break
        position = min(high, max(low + 1, _next(sizes, position, goal_bytes)))
    return low


def _next(sizes: dict[int, float], position: int, goal_bytes: float) -> int:
    below = max((each for each, size in sizes.items() if size <= goal_bytes), default=None)
    above = min((each for each, size in sizes.items() if size > goal_bytes), default=None)
    aim = goal_bytes * (1 + CLOSE) / 2
    if below is None or above is None:
        return position + round(_STEPS_PER_LOG * math.log(aim / sizes[position]))
    share = math.log(aim / sizes[below]) / math.log(sizes[above] / sizes[below])
    return below + round((above - below) * share)

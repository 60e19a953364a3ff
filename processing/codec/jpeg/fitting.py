"""A picture in the finest steps that keep its file below a share of what it has: one decoding, a search, one writing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from processing.codec.jpeg import estimate, quantisation, segments
from processing.codec.jpeg.coefficients import Coefficients
from processing.codec.jpeg.encoder import Carried, Coding
from processing.codec.jpeg.estimate import Estimator, Symbols
from processing.codec.jpeg.facts import Facts
from processing.codec.jpeg.quantisation import BEST_QUALITY, COEFFICIENTS, Tables

AIM: Final = 0.986
"""Of the goal: an estimate may be wrong, and the search end, by so much."""
CLOSE: Final = 0.005
"""Near enough to what is aimed at to end a search."""
MOST_PROBES, MOST_WRITINGS = 12, 3

_LEAST, _MOST = COEFFICIENTS, (BEST_QUALITY - 1) * COEFFICIENTS
_STRIDE: Final = COEFFICIENTS // 4
_USUAL_SLOPE: Final = -0.72
"""By what power of the steps the size changes, in most pictures."""


def fitted(content: memoryview, facts: Facts, ratio: float, carried: Carried) -> bytes:
    """The picture in at most `ratio` of its bytes, less than 3 % below it where its steps allow; in the coarsest steps
    that there are if that is still too much. Coefficients that have been coarsened are read anew: they would not come out
    the same if they were coarsened again.

    Raises:
        CompressionError: It is damaged.
    """
    goal_bytes = int(len(content) * ratio)
    with Coefficients(content) as coefficients:
        search = Search(content, facts, coefficients, carried)
        made = _coarsened(coefficients, facts, search.coding(goal_bytes), carried)
    if len(made) <= goal_bytes or search.is_at_its_end:
        return made

    def anew(coding: Coding) -> bytes:
        with Coefficients(content) as coefficients:
            return _coarsened(coefficients, facts, coding, carried)

    search.correct(len(made))
    return search.settled(goal_bytes, anew)


def _coarsened(coefficients: Coefficients, facts: Facts, coding: Coding, carried: Carried) -> bytes:
    coefficients.quantise(facts.steps, coding.tables)
    return coefficients.written(coding, carried)


class Search:
    """Knows which size is estimated for which position between the qualities (`quantisation.between`)."""

    def __init__(
        self, content: memoryview, facts: Facts, coefficients: Coefficients, carried: Carried
    ) -> None:
        self._facts, self._estimator = facts, Estimator(coefficients, facts.steps)
        self._known: dict[bytes, tuple[float, Sequence[Symbols]]] = {}
        self._factor, self._position = 1.0, _LEAST
        self._known_size = quantisation.coarseness_of(facts.steps[0]), float(len(content))
        self._carried_bytes = sum(len(segments.written(*segment)) for segment in carried)
        if not facts.is_progressive:
            data = (piece for piece in segments.walk(content) if piece.marker == segments.DATA)
            self._estimator.learn(coefficients, sum(piece.end - piece.begin for piece in data))

    @property
    def is_at_its_end(self) -> bool:
        """Whether there are no coarser steps than the last ones."""
        return self._position == _LEAST

    def coding(self, goal_bytes: float) -> Coding:
        """The finest that is estimated to fit."""
        self._position = highest(self._size_bytes, goal_bytes * AIM, self._known_size)
        tables = self._tables(self._position)
        return Coding(tables, estimate.own_codes(self._estimated(tables)[1]))

    def settled(self, goal_bytes: int, written: Callable[[Coding], bytes]) -> bytes:
        """The picture as `written` writes it in the finest steps that fit; the last try if none does."""
        made = b""
        for _ in range(MOST_WRITINGS):
            made = written(self.coding(goal_bytes))
            if len(made) <= goal_bytes or self.is_at_its_end:
                break
            self.correct(len(made))
        return made

    def correct(self, size_bytes: int) -> None:
        """Learns how large the last coding has made the picture."""
        self._factor *= size_bytes / self._size_bytes(self._position)

    def _size_bytes(self, position: int) -> float:
        return self._estimated(self._tables(position))[0] * self._factor + self._carried_bytes

    def _tables(self, position: int) -> Tables:
        return self._facts.nowhere_finer(quantisation.between(position))

    def _estimated(self, tables: Tables) -> tuple[float, Sequence[Symbols]]:
        """Once for all positions that come to the same, as many do where the picture is coarse already."""
        name = b"".join(table.tobytes() for table in tables)
        if name not in self._known:
            symbols = self._estimator.symbols_in(tables)
            self._known[name] = self._estimator.size_bytes(symbols), symbols
        return self._known[name]


def highest(size_bytes: Callable[[int], float], goal_bytes: float, known: tuple[float, float]) -> int:
    """The highest position whose size is not above the goal, or one that is `CLOSE`; the lowest if there is none.

    The logarithms of a picture's size and of its steps are nearly on a line.

    Args:
        size_bytes: What is estimated for a position.
        goal_bytes: The most.
        known: The coarseness and the size that the picture has now.
    """
    low, high = _LEAST, _MOST
    points, turns_alike, was_above = [known], 0, None
    position = _nearest(points, goal_bytes)
    for _ in range(MOST_PROBES):
        position = min(high, max(low, position))
        size = size_bytes(position)
        if abs(size / goal_bytes - 1) <= CLOSE:
            return position
        points.append((quantisation.coarseness(position), size))
        is_above = size > goal_bytes
        low, high = (low, position - 1) if is_above else (position + 1, high)
        if low > high:
            break
        turns_alike, was_above = (turns_alike + 1 if is_above == was_above else 0), is_above
        position = _nearest(points, goal_bytes)
        if turns_alike:  # the size does not change as it should: away from here
            far = position - (_STRIDE << turns_alike) if is_above else position + (_STRIDE << turns_alike)
            position = (low + high) // 2 if low > _LEAST and high < _MOST else far
    return max(_LEAST, low - 1)


def _nearest(points: Sequence[tuple[float, float]], goal_bytes: float) -> int:
    """Where the line through the points about the goal, or the last one in the usual direction, meets it."""
    above = min(
        (point for point in points if point[1] > goal_bytes), key=lambda point: point[1], default=None
    )
    below = max(
        (point for point in points if point[1] <= goal_bytes), key=lambda point: point[1], default=None
    )
    if above and below and above[0] < below[0]:
        slope = math.log(below[1] / above[1]) / math.log(below[0] / above[0])
    else:
        slope = _USUAL_SLOPE
    from_here = above or below or points[0]
    return quantisation.position(from_here[0] * (goal_bytes / from_here[1]) ** (1 / slope))

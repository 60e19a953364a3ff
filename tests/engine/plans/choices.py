"""Choices that hypothesis makes, so that it can find the simplest that still fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@cache
def _up_to(number: int) -> st.SearchStrategy[int]:
    return st.integers(0, number)


class Choices:
    """The first of what may be chosen is the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def below(self, number: int) -> int:
        """0 to `number` - 1."""
        return int(self._draw(_up_to(number - 1)))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 cases."""
        return self.below(100) >= 100 - percent

"""Arithmetic on numbers of which some are known only with a request's variables; what is known is worked out at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import NamedTuple

from graphql import VariableValues

Values = list[int]
Step = Callable[[Values, VariableValues], int]


class Later(NamedTuple):
    """The result of a step."""

    step: int


Amount = int | Later


class Program:
    """Steps in an order in which each needs earlier ones alone; as many as sums and products were asked for."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def measured(self, measure: Callable[[VariableValues], int]) -> Amount:
        """What variables decide directly."""
        return self._add(lambda _, variables: measure(variables))

    def total(self, amounts: Iterable[Amount]) -> Amount:
        """Their sum."""
        known, later = _split(amounts)
        start = sum(known)
        if not later or (len(later) == 1 and start == 0):
            return Later(later[0]) if later else start
        if len(later) == 1:
            (only,) = later
            return self._add(lambda values, _: values[only] + start)
        return self._add(lambda values, _: sum([values[step] for step in later], start))

    def times(self, *amounts: Amount) -> Amount:
        """Their product."""
        known, later = _split(amounts)
        factor = prod(known)
        if not later or factor == 0 or (len(later) == 1 and factor == 1):
            return Later(later[0]) if later and factor else factor
        if len(later) == 1:
            (only,) = later
            return self._add(lambda values, _: values[only] * factor)
        return self._add(lambda values, _: prod([values[step] for step in later], start=factor))

    def run(self, variables: VariableValues) -> Values:
        """The result of each step with these variables."""
        values: Values = []
        for step in self._steps:
            values.append(step(values, variables))
        return values

    def _add(self, step: Step) -> Later:
        self._steps.append(step)
        return Later(len(self._steps) - 1)


def _split(amounts: Iterable[Amount]) -> tuple[list[int], list[int]]:
    """The numbers that are known, and the steps of the others."""
    known: list[int] = []
    later: list[int] = []
    for amount in amounts:
        if isinstance(amount, Later):
            later.append(amount.step)
        else:
            known.append(amount)
    return known, later

"""What was measured, for people and for programs."""

from __future__ import annotations

import dataclasses
import os
import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from benchmarks.processes import Memory
from benchmarks.rounds import Comparison

BELOW_ONE_DIGITS, DIGITS = 3, 2


@dataclass(frozen=True)
class Goal:
    """The ratio that must be reached, and the one that is aimed at."""

    must: float
    aim: float | None = None

    def verdict(self, ratio: float) -> str:
        """What was reached of it."""
        wanted = f"must {self.must:g}" + (f", aim {self.aim:g}" if self.aim else "")
        if ratio < self.must:
            return f"{wanted}: missed"
        return f"{wanted}: {'short of the aim' if self.aim and ratio < self.aim else 'reached'}"


Goals = Mapping[tuple[str, str], Goal]
"""By the names of a comparison and of a side."""


@dataclass(frozen=True)
class Unit:
    """Of CPU time, and how many of them are in a millisecond."""

    symbol: str
    in_a_ms: int

    def shown(self, milliseconds: float) -> str:
        """The time in this unit."""
        value = milliseconds * self.in_a_ms
        return f"{value:.{BELOW_ONE_DIGITS if value < 1 else DIGITS}f}"


MILLISECONDS, MICROSECONDS = Unit("ms", 1), Unit("µs", 1_000)


def table(
    comparisons: Sequence[Comparison], goals: Goals = MappingProxyType({}), unit: Unit = MILLISECONDS
) -> str:
    """Medians of all rounds; a ratio is taken within each round."""
    heading = f"{'':50}{f'CPU {unit.symbol}':>9}{'mongod':>9}{'a second':>10}   ratio of CPU"
    rows = [row for comparison in comparisons for row in _rows(comparison, goals, unit)]
    return "\n".join([heading, *rows])


def _rows(comparison: Comparison, goals: Goals, unit: Unit) -> Iterator[str]:
    for number, side in enumerate(comparison.sides):
        cpu, mongod_cpu = (
            unit.shown(comparison.median(side, attribute)) for attribute in ("cpu_ms", "mongod_cpu_ms")
        )
        per_second = comparison.median(side, "requests_per_second")
        row = f"{'' if number else comparison.name:28}{side:22}{cpu:>9}{mongod_cpu:>9}{per_second:10.1f}"
        yield row + _ratio(comparison, side, goals) if number else row


def _ratio(comparison: Comparison, side: str, goals: Goals) -> str:
    spread, goal = _spread(comparison.ratios(side)), goals.get((comparison.name, side))
    ratio = f"   {spread['median']:.2f} [{spread['min']:.2f}..{spread['max']:.2f}]"
    return f"{ratio:24}{goal.verdict(spread['median'])}" if goal else ratio


def memory_table(title: str, rows: Mapping[str, Memory]) -> str:
    """What each took at the most, and how much of that was not there before."""
    lines = [f"\n{title:50}{'idle MB':>9}{'peak MB':>9}{'more':>10}"]
    for name, taken in rows.items():
        more = taken.peak_mb - taken.idle_mb
        lines.append(f"{'':28}{name:22}{taken.idle_mb:9.0f}{taken.peak_mb:9.0f}{more:10.0f}")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What else there was to do, and for how many processors."""
    return {
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
    }


def as_json(
    begun: dict[str, Any], comparisons: Sequence[Comparison], memory: Mapping[str, Memory]
) -> dict[str, Any]:
    """The same with every sample; `begun` is how the machine was before."""
    return {
        **begun,
        "comparisons": [
            {
                "name": each.name,
                "ratios": {side: _spread(each.ratios(side)) for side in each.sides[1:]},
                "samples": {
                    side: [dataclasses.asdict(sample) for sample in samples]
                    for side, samples in each.samples.items()
                },
            }
            for each in comparisons
        ],
        "memory": {name: dataclasses.asdict(taken) for name, taken in memory.items()},
    }


def _spread(ratios: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}

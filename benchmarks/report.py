"""What was measured, for people and for programs."""

from __future__ import annotations

import dataclasses
import os
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.processes import Memory
from benchmarks.rounds import Comparison

HEADING = f"{'':50}{'CPU ms':>9}{'mongod':>9}{'a second':>10}   ratio of CPU"


def table(comparisons: Sequence[Comparison]) -> str:
    """Medians of all rounds; a ratio is taken within each round."""
    return "\n".join([HEADING, *map(_rows, comparisons)])


def _rows(comparison: Comparison) -> str:
    spread = _spread(comparison.ratios)
    ratios = f"   {spread['median']:.2f} [{spread['min']:.2f}..{spread['max']:.2f}]"
    first, second = (
        f"{side:22}{comparison.median(side, 'cpu_ms'):9.2f}{comparison.median(side, 'mongod_cpu_ms'):9.2f}"
        f"{comparison.median(side, 'requests_per_second'):10.1f}"
        for side in comparison.sides
    )
    return f"{comparison.name:28}{first}\n{'':28}{second}{ratios}"


def memory_table(title: str, rows: Mapping[str, Memory]) -> str:
    """What each took at the most, and how much of that was not there before."""
    lines = [f"\n{title:50}{'idle MB':>9}{'peak MB':>9}{'more':>10}"]
    for name, taken in rows.items():
        more = taken.peak_mb - taken.idle_mb
        lines.append(f"{'':28}{name:22}{taken.idle_mb:9.0f}{taken.peak_mb:9.0f}{more:10.0f}")
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What else there was to do, and for how many processors."""
    return {"processors": os.cpu_count(), "load_average": os.getloadavg()}


def as_json(
    begun: dict[str, Any], comparisons: Sequence[Comparison], memory: Mapping[str, Memory]
) -> dict[str, Any]:
    """The same with every sample; `begun` is how the machine was before."""
    return {
        **begun,
        "comparisons": [
            {
                "name": each.name,
                "ratio": _spread(each.ratios),
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

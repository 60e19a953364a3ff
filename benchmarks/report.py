"""What was measured, for people and for programs."""

from __future__ import annotations

import dataclasses
import os
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.measurements import Memory
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


def memory_table(memory: Sequence[Memory]) -> str:
    """Of ours and of the peer."""
    ours, theirs = memory
    lines = [f"\n{'resident memory, 4 MB uploads':50}{'idle MB':>9}{'peak MB':>9}{'':10}   ratio of peaks"]
    lines += [f"{'':28}{each.name:22}{each.idle_mb:9.0f}{each.peak_mb:9.0f}" for each in memory]
    return "\n".join(lines) + f"{'':13}{theirs.peak_mb / ours.peak_mb:.2f}"


def as_json(comparisons: Sequence[Comparison], memory: Sequence[Memory]) -> dict[str, Any]:
    """The same with every sample."""
    return {
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
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
        "memory": [dataclasses.asdict(each) for each in memory],
    }


def _spread(ratios: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}

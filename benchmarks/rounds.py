"""Sides in turns, and their ratios: what disturbs the machine disturbs all, so only what ran side by side is compared."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import load, processes

DISCARDED_SHARE = 1 / 3

Drive = Callable[..., Awaitable[load.Done]]
"""Keeps a server busy: for so many `seconds`, or with a `count` of requests."""


@dataclass(frozen=True)
class Pace:
    """How often all servers are started anew, how many rounds they then have, how long a slice of one side is.

    `crowd_uploads`: how many uploads there are while memory is watched.
    """

    sittings: int
    rounds: int
    slice_seconds: float
    crowd_uploads: int = 0


@dataclass(frozen=True)
class Side:
    """One of those that are compared: the process that is measured, and what keeps it busy."""

    name: str
    pid: int
    drive: Drive


@dataclass(frozen=True)
class Sample:
    """What a slice cost, for each request that was acknowledged; and how many there were a second."""

    cpu_ms: float
    mongod_cpu_ms: float
    requests_per_second: float


@dataclass
class Comparison:
    """All rounds. A side's ratio is its CPU through the first side's: above 1, the first is cheaper."""

    name: str
    sides: tuple[str, ...]
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, more: Comparison) -> None:
        """Take in the samples of another sitting."""
        for side, samples in more.samples.items():
            self.samples[side] += samples

    def ratios(self, side: str) -> list[float]:
        """One for each round."""
        first, other = self.samples[self.sides[0]], self.samples[side]
        return [b.cpu_ms / a.cpu_ms for a, b in zip(first, other, strict=True)]

    def ratio(self, side: str) -> float:
        """The median of all rounds."""
        return float(statistics.median(self.ratios(side)))

    def median(self, side: str, attribute: str) -> float:
        """Of all rounds."""
        return statistics.median(getattr(sample, attribute) for sample in self.samples[side])


async def sittings(count: int, sitting: Callable[[], AsyncIterator[Comparison]]) -> list[Comparison]:
    """Every comparison of every sitting; the samples of one comparison are put together."""
    found: dict[str, Comparison] = {}
    for number in range(count):
        print(f"sitting {number + 1} of {count} …", file=sys.stderr)
        async for comparison in sitting():
            if known := found.get(comparison.name):
                known.add(comparison)
            else:
                found[comparison.name] = comparison
    return list(found.values())


async def compare(
    name: str,
    sides: Sequence[Side],
    *,
    pace: Pace,
    mongod_pid: int,
    clean: Callable[[], Awaitable[None]] | None = None,
    check: Callable[[Mapping[int, int]], Awaitable[None]] | None = None,
) -> Comparison:
    """Measure all sides in every round, in the other order each time.

    `clean` runs before each round; each side then has a short slice that does not count. `check` runs after each round
    and is told how many requests each process has acknowledged in it.
    """
    result = Comparison(name, tuple(side.name for side in sides), {side.name: [] for side in sides})
    for number in range(pace.rounds):
        order, acknowledged = sides if number % 2 == 0 else sides[::-1], Counter[int]()
        if clean or number == 0:
            if clean:
                await clean()
            for side in order:
                done = await side.drive(seconds=pace.slice_seconds * DISCARDED_SHARE)
                acknowledged[side.pid] += done.count
        for side in order:
            sample, count = await _slice(side, pace.slice_seconds, mongod_pid)
            result.samples[side.name].append(sample)
            acknowledged[side.pid] += count
        if check:
            await check(acknowledged)
    return result


async def _slice(side: Side, seconds: float, mongod_pid: int) -> tuple[Sample, int]:
    """What it cost, and how many requests were acknowledged."""
    before, mongod_before = processes.cpu_ms(side.pid), processes.cpu_ms(mongod_pid)
    done = await side.drive(seconds=seconds)
    after, mongod_after = processes.cpu_ms(side.pid), processes.cpu_ms(mongod_pid)
    sample = Sample(
        cpu_ms=(after - before) / done.count,
        mongod_cpu_ms=(mongod_after - mongod_before) / done.count,
        requests_per_second=done.count / done.seconds,
    )
    return sample, done.count

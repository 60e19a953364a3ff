"""Two sides in turns, and their ratio: what disturbs the machine disturbs both, so only pairs are compared."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks import load, processes

DISCARDED_SHARE = 1 / 3


@dataclass(frozen=True)
class Pace:
    """How often both servers are started anew, how many rounds they then have, how long a slice of one side is.

    `crowd_uploads`: how many uploads there are while memory is watched.
    """

    sittings: int
    rounds: int
    slice_seconds: float
    crowd_uploads: int


@dataclass(frozen=True)
class Side:
    """One of two that are compared: the process that is measured, and the clients that keep it busy."""

    name: str
    pid: int
    clients: Sequence[load.Client]


@dataclass(frozen=True)
class Sample:
    """What a slice cost, for each request that was acknowledged; and how many there were a second."""

    cpu_ms: float
    mongod_cpu_ms: float
    requests_per_second: float


@dataclass
class Comparison:
    """All rounds of two sides. The ratio is the second's CPU through the first's: above 1, the first is cheaper."""

    name: str
    sides: tuple[str, str]
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, more: Comparison) -> None:
        """Take in the samples of another sitting."""
        for side, samples in more.samples.items():
            self.samples[side] += samples

    @property
    def ratios(self) -> list[float]:
        """One for each round."""
        first, second = (self.samples[side] for side in self.sides)
        return [b.cpu_ms / a.cpu_ms for a, b in zip(first, second, strict=True)]

    def median(self, side: str, attribute: str) -> float:
        """Of all rounds."""
        return statistics.median(getattr(sample, attribute) for sample in self.samples[side])


async def compare(
    name: str,
    sides: tuple[Side, Side],
    *,
    pace: Pace,
    mongod_pid: int,
    clean: Callable[[], Awaitable[None]] | None = None,
    check: Callable[[Mapping[int, int]], Awaitable[None]] | None = None,
) -> Comparison:
    """Measure both sides in every round, in the other order each time.

    `clean` runs before each round; each side then has a short slice that does not count. `check` runs after each round
    and is told how many requests each process has acknowledged in it.
    """
    result = Comparison(name, (sides[0].name, sides[1].name), {side.name: [] for side in sides})
    for number in range(pace.rounds):
        order, acknowledged = sides if number % 2 == 0 else sides[::-1], Counter[int]()
        if clean or number == 0:
            if clean:
                await clean()
            for side in order:
                done = await load.run(side.clients, seconds=pace.slice_seconds * DISCARDED_SHARE)
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
    done = await load.run(side.clients, seconds=seconds)
    after, mongod_after = processes.cpu_ms(side.pid), processes.cpu_ms(mongod_pid)
    sample = Sample(
        cpu_ms=(after - before) / done.count,
        mongod_cpu_ms=(mongod_after - mongod_before) / done.count,
        requests_per_second=done.count / done.seconds,
    )
    return sample, done.count

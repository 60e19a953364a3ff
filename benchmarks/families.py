"""A process and all that it has started, taken together: their CPU time, and what they hold of memory."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import processes

SAMPLE_SECONDS: Final = 0.5
IN_ALL: Final = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def members(pid: int) -> list[int]:
    """The process, its children and theirs. Source: proc(5), `children`."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(FileNotFoundError):
            found += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
    return found


def cpu_ms(pid: int) -> float:
    """What those that are there have used so far, all together."""
    return sum(_existing(processes.cpu_ms, members(pid)))


def held_mb(pid: int) -> float:
    """What they hold in memory together; what several of them share counts once."""
    return sum(_existing(_proportional_mb, members(pid)))


@dataclass
class Held:
    """What a family held, each time that it was looked at; and the sum of what each held at its own worst moment.

    In the sum, what several share counts several times.
    """

    samples_mb: list[float] = field(default_factory=list)
    sum_of_peaks_mb: float = 0

    @property
    def peak_mb(self) -> float:
        """The most."""
        return max(self.samples_mb)


@asynccontextmanager
async def watched(pid: int) -> AsyncIterator[Held]:
    """Looks at a family's memory now and again until the block ends."""
    held = Held([held_mb(pid)])
    for member in members(pid):
        processes.forget_peak(member)

    async def look() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            held.samples_mb.append(held_mb(pid))

    looking = asyncio.create_task(look())
    try:
        yield held
    finally:
        looking.cancel()
        await asyncio.wait({looking})
        held.samples_mb.append(held_mb(pid))
        held.sum_of_peaks_mb = sum(_existing(processes.peak_mb, members(pid)))


def _proportional_mb(pid: int) -> float:
    found = IN_ALL.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found[1]) * 1024 / 1e6 if found else 0


def _existing(measure: processes.Measure, pids: Iterable[int]) -> list[float]:
    """The measure of those that have not ended meanwhile."""
    found = []
    for pid in pids:
        with contextlib.suppress(OSError, processes.NotReadyError):
            found.append(measure(pid))
    return found

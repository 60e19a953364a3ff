"""How much memory a service's processes hold at most, those that they have started among them."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from tests.service import Service

LOOK_EVERY_SECONDS = 0.02
FORKED = ("its codec", "a child of its codec")


class Watch:
    """Looks again and again. `peaks` are by process, the children of a codec under one name."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.peaks: Counter[str] = Counter()
        self.together_bytes = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Self]:
        """For the length of the block."""
        looking = asyncio.create_task(self._look())
        try:
            yield self
        finally:
            looking.cancel()
            await asyncio.wait({looking})

    async def _look(self) -> None:
        while True:
            await asyncio.to_thread(self._look_once)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _look_once(self) -> None:
        together_bytes = 0
        for name, process_id in self._processes():
            try:
                self.peaks[name] = max(self.peaks[name], resident_bytes(process_id))
                together_bytes += proportional_bytes(process_id)
            except OSError:  # it has ended meanwhile
                continue
        self.together_bytes = max(self.together_bytes, together_bytes)

    def _processes(self) -> Iterator[tuple[str, int]]:
        for name, process in self._service.processes.items():
            yield name, process.pid
            for mother in children(process.pid):
                yield f"{name}, {FORKED[0]}", mother
                for child in children(mother):
                    yield f"{name}, {FORKED[1]}", child


def children(process_id: int) -> list[int]:
    """The processes that it has started."""
    try:
        threads = list(Path(f"/proc/{process_id}/task").iterdir())
        return [int(each) for thread in threads for each in (thread / "children").read_text().split()]
    except OSError:
        return []


def resident_bytes(process_id: int) -> int:
    """What it holds, pages that it shares with others among it."""
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def proportional_bytes(process_id: int) -> int:
    """What it holds, and its share of what several hold."""
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

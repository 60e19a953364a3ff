"""Very many items of a few pixels: what submitting takes, what an item costs, whether memory stays, when events come."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from benchmarks import catalogues, families, processes, submission
from benchmarks.catalogues import GRIDFS, Stand
from benchmarks.servers import Darkroom
from benchmarks.submission import Progress

SIZE_BYTES: Final = 2_000
WARMING_ITEMS, FEW_ITEMS, FEW_BATCHES = 300, 1_000, 3
LOOK_SECONDS: Final = 0.5


@dataclass
class Memory:
    """What the API, and the worker with its children, held when so many items had ended."""

    items: list[int] = field(default_factory=list)
    api_mb: list[float] = field(default_factory=list)
    worker_mb: list[float] = field(default_factory=list)

    def growth(self, held_mb: list[float]) -> float:
        """The most that was held after the first thousand items, through what was held then."""
        first = next((at for at, items in enumerate(self.items) if items >= FEW_ITEMS), 0)
        return max(held_mb[first:]) / held_mb[first]


@dataclass(frozen=True)
class Batch:
    """What a batch of so many items took. `began_seconds` is from its answer to the first event."""

    items: int
    submit_seconds: float
    began_seconds: float
    items_per_second: float
    app_cpu_ms: float
    mongod_cpu_ms: float
    delay_p50_ms: float
    delay_p99_ms: float
    memory: Memory

    @property
    def cpu_ms(self) -> float:
        """Of all processes for an item."""
        return self.app_cpu_ms + self.mongod_cpu_ms

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


async def measure(items: int) -> tuple[Batch, Batch]:
    """The median of some batches of a thousand, then one of so many."""
    async with catalogues.stand(GRIDFS, SIZE_BYTES) as stand, stand.darkroom() as server:
        (token,) = await server.people(1)
        await _warm(stand, server, token)
        few = [await _batch(stand, server, token, FEW_ITEMS) for _ in range(FEW_BATCHES)]
        usual = sorted(few, key=lambda batch: batch.cpu_ms)[FEW_BATCHES // 2]
        return usual, await _batch(stand, server, token, items)


def table(few: Batch, many: Batch) -> str:
    """For people."""
    memory = many.memory
    held = f"{memory.api_mb[-1]:.0f} and {memory.worker_mb[-1]:.0f} MB at the end"
    growth = f"{memory.growth(memory.api_mb):.2f} and {memory.growth(memory.worker_mb):.2f}"
    lines = {
        f"submission of {many.items:,} items": f"{many.submit_seconds:.1f} s (must 10)",
        "first event after that": f"{many.began_seconds:.2f} s (must 1)",
        "items a second": f"{few.items_per_second:.0f} of {few.items:,}, {many.items_per_second:.0f} of {many.items:,}",
        "CPU of an item": f"{few.cpu_ms:.1f} ms of {few.items:,}, {many.cpu_ms:.1f} ms of {many.items:,}: {many.cpu_ms / few.cpu_ms:.2f} (must 1.20)",
        "API and worker, and mongod": f"{_parts(few)}, {_parts(many)}",
        "API and worker grow by": f"{growth} after the first thousand (must 1.10); {held}",
        "event to subscriber": f"median {many.delay_p50_ms:.0f} ms, 99th percentile {many.delay_p99_ms:.0f} ms (must 100)",
    }
    return "\n".join(f"{name:32}{value}" for name, value in lines.items())


def _parts(batch: Batch) -> str:
    return f"{batch.app_cpu_ms:.1f} and {batch.mongod_cpu_ms:.1f} ms of {batch.items:,}"


async def _warm(stand: Stand, server: Darkroom, token: str) -> None:
    """Has everything done once that is done for a batch, its presets included, for which children load what they need."""
    batch_id = await submission.submit(server, token, submission.manifest(stand.urls(WARMING_ITEMS)))
    async with submission.watched(server, token, batch_id) as progress:
        await progress.completed()
    await stand.rest(server)
    await stand.forget(server)


async def _batch(stand: Stand, server: Darkroom, token: str, items: int) -> Batch:
    content, memory = submission.manifest(stand.urls(items)), Memory()
    app, mongod, began = _now(stand, server)
    batch_id = await submission.submit(server, token, content)
    submitted, submitted_at = time.monotonic(), time.time()
    async with submission.watched(server, token, batch_id) as progress:
        looking = asyncio.create_task(_look(server, progress, memory))
        await progress.completed()
        looking.cancel()
    app_after, mongod_after, ended = _now(stand, server)
    await stand.forget(server)
    delays = progress.delays_seconds
    return Batch(
        items=items,
        submit_seconds=submitted - began,
        began_seconds=(progress.began.at if progress.began else submitted_at) - submitted_at,
        items_per_second=items / (ended - submitted),
        app_cpu_ms=(app_after - app) / items,
        mongod_cpu_ms=(mongod_after - mongod) / items,
        delay_p50_ms=submission.percentile(delays, 0.5) * 1e3,
        delay_p99_ms=submission.percentile(delays, 0.99) * 1e3,
        memory=memory,
    )


def _now(stand: Stand, server: Darkroom) -> tuple[float, float, float]:
    return catalogues.app_cpu_ms(server), processes.cpu_ms(stand.mongod_pid), time.monotonic()


async def _look(server: Darkroom, progress: Progress, memory: Memory) -> None:
    while True:
        memory.items.append(progress.heard)
        memory.api_mb.append(families.held_mb(server.pid))
        memory.worker_mb.append(families.held_mb(catalogues.worker_of(server)))
        await asyncio.sleep(LOOK_SECONDS)

"""A catalogue of 1 MB images by one worker, by two and by three: what another one brings, and what it costs."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks import catalogues, families, pipelines, processes, submission
from benchmarks.catalogues import GRIDFS, Stand
from benchmarks.servers import Darkroom

CREWS: Final = (1, 2, 3)
ONE_AT_A_TIME: Final = {"WORKER_CONCURRENCY": "1"}


@dataclass(frozen=True)
class Run:
    """What a catalogue took so many workers: CPU for each image."""

    workers: int
    images_per_second: float
    api_cpu_ms: float
    workers_cpu_ms: float
    mongod_cpu_ms: float

    @property
    def cpu_ms(self) -> float:
        """Of all processes for an image."""
        return self.api_cpu_ms + self.workers_cpu_ms + self.mongod_cpu_ms


@dataclass(frozen=True)
class Found:
    """All crews."""

    runs: list[Run]

    def table(self) -> str:
        """For people."""
        heading = f"{'workers, a process of codec each':36}{'images a second':>18}{'CPU ms of an image':>20}"
        rows = [
            f"{run.workers:<36}{run.images_per_second:18.1f}{run.cpu_ms:20.1f}"
            f"   API {run.api_cpu_ms:.1f}, workers {run.workers_cpu_ms:.1f}, mongod {run.mongod_cpu_ms:.1f}"
            for run in self.runs
        ]
        return "\n".join([heading, *rows])

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


async def measure(images: int) -> Found:
    """So many images by each crew, on a service that starts anew for it."""
    return Found([await _measured(workers, images) for workers in CREWS])


async def _measured(workers: int, images: int) -> Run:
    async with (
        catalogues.stand(GRIDFS, pipelines.SIZE_BYTES) as stand,
        stand.crew(workers, **ONE_AT_A_TIME) as (server, pids),
    ):
        (token,) = await server.people(1)
        await _batch(stand, server, token, pipelines.WARMING_IMAGES)
        await stand.forget(server)
        for pid in pids:
            await processes.idle(pid)
        before, began = _now(stand, server, pids), time.monotonic()
        await _batch(stand, server, token, images)
        after, ended = _now(stand, server, pids), time.monotonic()
        cpu_ms = ((later - earlier) / images for earlier, later in zip(before, after, strict=True))
        return Run(workers, images / (ended - began), *cpu_ms)


async def _batch(stand: Stand, server: Darkroom, token: str, images: int) -> None:
    batch_id = await submission.submit(server, token, submission.manifest(stand.urls(images)))
    async with submission.watched(server, token, batch_id) as progress:
        await progress.completed()


def _now(stand: Stand, server: Darkroom, pids: list[int]) -> tuple[float, float, float]:
    workers = sum(families.cpu_ms(pid) for pid in pids)
    return families.cpu_ms(server.pid), workers, processes.cpu_ms(stand.mongod_pid)

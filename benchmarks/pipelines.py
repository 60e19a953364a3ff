"""A catalogue of 1 MB images, end to end: Darkroom, a pipeline on Node.js and the bare codec take turns."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks import catalogues, families, load, origin, processes, servers, submission
from benchmarks.catalogues import FOLDER, GRIDFS, Stand
from benchmarks.report import Goal
from benchmarks.servers import Darkroom, Peer
from models.values import Compression, MetadataPolicy
from processing.codec.base import Wish
from processing.codec.pool import Pool
from processing.probe import Limits

SIZE_BYTES: Final = 1_000_000
WARMING_IMAGES: Final = 40
OURS, THEIRS, CODEC = "Darkroom, both kept", "axios + sharp", "codec alone"
SPEED: Final = Goal(1.5, 2)
SHARE: Final = {GRIDFS: Goal(0.55, 0.70), FOLDER: Goal(0.70, 0.85)}
MOST_MB, AIMED_MB = 350, 220
WISH: Final = Wish(Compression(), MetadataPolicy.STRIP_ALL)
LIMITS: Final = Limits(max_pixels=50_000_000, max_frames=1_000)


@dataclass(frozen=True)
class Run:
    """What a catalogue took: CPU for each image, memory of the process that works and of its children.

    `sum_of_peaks_mb` counts what they share several times, `peak_mb` once.
    """

    images_per_second: float
    app_cpu_ms: float
    mongod_cpu_ms: float
    peak_mb: float
    sum_of_peaks_mb: float


Side = Callable[[int], Awaitable[Run]]
"""Has so many images made smaller."""


@dataclass(frozen=True)
class Found:
    """All rounds on one store, by side."""

    store: str
    runs: dict[str, list[Run]]

    def ratios(self, side: str) -> list[float]:
        """Our images a second through this side's, round by round."""
        pairs = zip(self.runs[OURS], self.runs[side], strict=True)
        return [ours.images_per_second / other.images_per_second for ours, other in pairs]

    def table(self) -> str:
        """For people: medians of all rounds."""
        heading = f"{f'{self.store}, images of 1 MB':24}{'a second':>10}{'CPU ms':>9}{'mongod':>9}{'peak MB':>9}{'summed':>9}   ratio"
        return "\n".join([heading, *(self._row(side) for side in self.runs), self._memory()])

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "store": self.store,
            "runs": {side: [asdict(run) for run in runs] for side, runs in self.runs.items()},
            "ratios": {side: self.ratios(side) for side in (THEIRS, CODEC)},
        }

    def _row(self, side: str) -> str:
        runs = self.runs[side]
        per_second, app, mongod = (
            statistics.median(getattr(run, name) for run in runs)
            for name in ("images_per_second", "app_cpu_ms", "mongod_cpu_ms")
        )
        peak, summed = (max(getattr(run, name) for run in runs) for name in ("peak_mb", "sum_of_peaks_mb"))
        row = f"{side:24}{per_second:10.1f}{app:9.1f}{mongod:9.1f}{peak:9.0f}{summed:9.0f}"
        return row if side == OURS else row + self._ratio(side)

    def _ratio(self, side: str) -> str:
        ratios = self.ratios(side)
        median = statistics.median(ratios)
        goal = SPEED if side == THEIRS else SHARE[self.store]
        return f"   {median:.2f} [{min(ratios):.2f}..{max(ratios):.2f}]  {goal.verdict(median)}"

    def _memory(self) -> str:
        peak = max(run.sum_of_peaks_mb for run in self.runs[OURS])
        verdict = "missed" if peak > MOST_MB else "short of the aim" if peak > AIMED_MB else "reached"
        return f"worker and children {peak:.0f} MB, must {MOST_MB}, aim {AIMED_MB}: {verdict}"


async def compare(store: str, *, images: int, rounds: int) -> Found:
    """All sides in every round, in the other order each time."""
    async with catalogues.stand(store, SIZE_BYTES) as stand, stand.darkroom() as ours, stand.peer() as theirs:
        (token,) = await ours.people(1)
        sides: dict[str, Side] = {
            OURS: lambda count: _ours(stand, ours, token, count),
            THEIRS: lambda count: _theirs(stand, theirs, count),
            CODEC: _codec,
        }
        for side in sides.values():
            await side(WARMING_IMAGES)
        found = Found(store, {name: [] for name in sides})
        for number in range(rounds):
            print(f"{store}, round {number + 1} of {rounds} …", file=sys.stderr)
            for name, side in list(sides.items())[:: 1 if number % 2 else -1]:
                found.runs[name].append(await side(images))
        return found


async def _ours(stand: Stand, server: Darkroom, token: str, images: int) -> Run:
    content = submission.manifest(stand.urls(images))
    async with _measured(stand, server, images) as runs:
        batch_id = await submission.submit(server, token, content)
        async with submission.watched(server, token, batch_id) as progress:
            await progress.completed()
    await stand.forget(server)
    return runs[0]


async def _theirs(stand: Stand, server: Peer, images: int) -> Run:
    request = servers.request("POST", "/batches", "\n".join(stand.urls(images)).encode(), "text/plain")
    async with load.connections(server.port, 1) as (connection,), _measured(stand, server, images) as runs:
        answer = json.loads(bytes((await connection.exchange(request)).body))
    if answer["succeeded"] != images:
        print(f"{THEIRS}: {answer}", file=sys.stderr)
    await stand.forget(server)
    return runs[0]


@asynccontextmanager
async def _measured(stand: Stand, server: Darkroom | Peer, images: int) -> AsyncIterator[list[Run]]:
    """What the block costs; the one run is there when it has ended."""
    runs: list[Run] = []
    async with families.watched(catalogues.worker_of(server)) as held:
        app, mongod, began = _now(stand, server)
        yield runs
        app_after, mongod_after, ended = _now(stand, server)
    runs.append(
        Run(
            images_per_second=images / (ended - began),
            app_cpu_ms=(app_after - app) / images,
            mongod_cpu_ms=(mongod_after - mongod) / images,
            peak_mb=held.peak_mb,
            sum_of_peaks_mb=held.sum_of_peaks_mb,
        )
    )


def _now(stand: Stand, server: Darkroom | Peer) -> tuple[float, float, float]:
    return catalogues.app_cpu_ms(server), processes.cpu_ms(stand.mongod_pid), time.monotonic()


async def _codec(images: int) -> Run:
    """The same images through as many children, from memory; nothing is fetched, summed or kept."""
    picture, numbers = origin.picture(SIZE_BYTES), iter(range(images))
    processors = len(os.sched_getaffinity(0))
    pool, others = Pool(processors, LIMITS), set(families.members(os.getpid()))

    async def lane() -> None:
        for number in numbers:
            async with pool.slot() as slot:
                slot.write(origin.numbered(picture, number))
                await slot.compress(WISH)

    try:
        async with pool.slot() as slot:  # the first waits for the processes to start
            slot.write(picture)
            await slot.compress(WISH)
        (mother, *_) = [pid for pid in families.members(os.getpid()) if pid not in others]
        before_ms, began = families.cpu_ms(mother), time.monotonic()
        await asyncio.gather(*(lane() for _ in range(2 * processors)))
        seconds = time.monotonic() - began
        after_ms = families.cpu_ms(mother)
        held_mb = families.held_mb(mother)
    finally:
        await pool.close()
    return Run(images / seconds, (after_ms - before_ms) / images, 0, held_mb, 0)

"""Uploads and downloads of images on GridFS: Darkroom against an Express server, in turns, in CPU per request.

Run it from the top folder: `python -m benchmarks.upload`, or `make bench`, which fetches what it needs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pymongo import AsyncMongoClient

import embedded
from benchmarks import measurements, report
from benchmarks.measurements import Bench, Memory, Pair
from benchmarks.processes import NotReadyError
from benchmarks.rounds import Comparison, Pace
from errors import ConfigurationError

FULL, QUICK = Pace(sittings=3, rounds=2, slice_seconds=1.5), Pace(sittings=1, rounds=2, slice_seconds=0.7)
CROWD_UPLOADS, QUICK_CROWD_UPLOADS = 160, 64
COMPARED: Final[dict[str, Callable[[Pair], AsyncIterator[Comparison]]]] = {
    "upload": measurements.uploads,
    "download": measurements.downloads,
    "owners": measurements.owners,
}
MEMORY: Final = "memory"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run; its ratios say little")
    parser.add_argument(
        "--only", action="append", choices=[*COMPARED, MEMORY], help="this part; may be repeated"
    )
    parser.add_argument("--worker", action="store_true", help="let a worker develop what is uploaded")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    return parser.parse_args()


@asynccontextmanager
async def _bench(options: argparse.Namespace) -> AsyncIterator[Bench]:
    """A MongoDB of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        async with (
            embedded.mongod(Path(folder) / "mongodb") as mongod,
            AsyncMongoClient(mongod.uri) as client,
        ):
            yield Bench(
                mongodb=client,
                mongodb_uri=mongod.uri,
                mongod_pid=mongod.process.pid,
                folder=Path(folder),
                pace=QUICK if options.quick else FULL,
                crowd_uploads=QUICK_CROWD_UPLOADS if options.quick else CROWD_UPLOADS,
                worker=options.worker,
            )


async def _compared(bench: Bench, parts: list[str]) -> list[Comparison]:
    """Every part in every sitting; the samples of one comparison are put together."""
    found: dict[str, Comparison] = {}
    for sitting in range(bench.pace.sittings if parts else 0):
        print(f"sitting {sitting + 1} of {bench.pace.sittings} …", file=sys.stderr)
        async with measurements.pair(bench) as both:
            for part in parts:
                async for comparison in COMPARED[part](both):
                    if known := found.get(comparison.name):
                        known.add(comparison)
                    else:
                        found[comparison.name] = comparison
            await both.clean()
    return list(found.values())


async def main(options: argparse.Namespace) -> None:
    """Measure, print, and write the JSON file if one is wanted."""
    parts = options.only or [*COMPARED, MEMORY]
    memory: list[Memory] = []
    async with _bench(options) as bench:
        comparisons = await _compared(bench, [part for part in COMPARED if part in parts])
        if comparisons:
            print(report.table(comparisons), flush=True)
        if MEMORY in parts:
            memory = await measurements.memory(bench)
            print(report.memory_table(memory))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(comparisons, memory), indent=2) + "\n")


if __name__ == "__main__":
    signal.signal(
        signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT)
    )  # ends what it started, either way
    try:
        asyncio.run(main(_options()))
    except (ConfigurationError, NotReadyError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)

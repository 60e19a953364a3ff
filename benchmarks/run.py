"""How a benchmark is run: its options, what it prints and writes, how it ends."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import uvloop

from benchmarks import bench, report
from benchmarks.bench import Bench, Part
from benchmarks.processes import Memory, NotReadyError
from benchmarks.stores import Store
from errors import ConfigurationError

MEMORY = "memory"


@dataclass(frozen=True)
class Benchmark:
    """What is measured: parts by name, each in every sitting, then memory under `title`; and on which store."""

    description: str
    store: Callable[[Path], AbstractAsyncContextManager[Store]]
    compared: Mapping[str, Part]
    memory: Callable[[Bench], Awaitable[dict[str, Memory]]]
    title: str

    async def measure(self, options: argparse.Namespace) -> None:
        """Measure, print, and write the JSON file if one is wanted."""
        begun, wanted = report.machine(), options.only or [*self.compared, MEMORY]
        print(f"before: load average {begun['load_average'][0]:.2f}, {begun['processors']} processors")
        memory: dict[str, Memory] = {}
        async with bench.opened(self.store, quick=options.quick, worker=options.worker) as stand:
            parts = [part for name, part in self.compared.items() if name in wanted]
            comparisons = await bench.sittings(stand, parts)
            if comparisons:
                print(report.table(comparisons), flush=True)
            if MEMORY in wanted:
                memory = await self.memory(stand)
                print(report.memory_table(self.title, memory))
        if options.json:
            found = report.as_json(begun, comparisons, memory)
            options.json.write_text(json.dumps(found, indent=2) + "\n")

    def options(self) -> argparse.Namespace:
        """What the command line says."""
        parser = argparse.ArgumentParser(
            description=self.description, formatter_class=argparse.RawTextHelpFormatter
        )
        parser.add_argument("--quick", action="store_true", help="a short run; its ratios say little")
        parts = [*self.compared, MEMORY]
        parser.add_argument("--only", action="append", choices=parts, help="this part; may be repeated")
        parser.add_argument("--worker", action="store_true", help="let a worker develop what is uploaded")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
        return parser.parse_args()


class Command(Protocol):
    """A benchmark that can be run from the command line."""

    def options(self) -> argparse.Namespace:
        """What the command line says."""
        ...

    async def measure(self, options: argparse.Namespace) -> None:
        """Measure and print."""
        ...


def main(benchmark: Command) -> None:
    """The command. Whatever ends it ends what it started."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        uvloop.run(benchmark.measure(benchmark.options()))
    except (ConfigurationError, NotReadyError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)

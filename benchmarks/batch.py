"""Batches: a catalogue end to end beside a pipeline on Node.js, very many items, uploads beside a batch, more workers.

Run it from the top folder: `python -m benchmarks.batch`, or `make bench-batch`, which fetches what it needs.
"""

from __future__ import annotations

import json
import logging
from argparse import ArgumentParser, Namespace, RawTextHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import structlog

from benchmarks import crews, fairness, masses, pipelines, report, run, servers
from benchmarks.catalogues import STORAGE
from tests.kafka.broker import Broker

THROUGHPUT, ITEMS, FAIRNESS, CREWS = "throughput", "items", "fairness", "crews"
PARTS: Final = (THROUGHPUT, ITEMS, FAIRNESS, CREWS)
MONGO, KAFKA = "mongo", "kafka"


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    images: int
    rounds: int
    items: int
    rivals: int
    uploads: int


FULL = Size(images=500, rounds=3, items=100_000, rivals=10_000, uploads=100)
QUICK = Size(images=60, rounds=1, items=3_000, rivals=2_000, uploads=10)


class Batches:
    """The command."""

    def options(self) -> Namespace:
        """What the command line says."""
        parser = ArgumentParser(description=__doc__, formatter_class=RawTextHelpFormatter)
        parser.add_argument("--quick", action="store_true", help="a short run; its figures say little")
        parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be repeated")
        parser.add_argument("--store", action="append", choices=list(STORAGE), help="of throughput: this one")
        parser.add_argument(
            "--queue", choices=[MONGO, KAFKA], default=MONGO, help="of fairness; default: %(default)s"
        )
        parser.add_argument("--items", type=int, metavar="N", help="how many there are in the part `items`")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
        return parser.parse_args()

    async def measure(self, options: Namespace) -> None:
        """Measure, print, write what is wanted."""
        size, wanted = QUICK if options.quick else FULL, options.only or PARTS
        found: dict[str, Any] = report.machine() | {"node": servers.node_version()}
        print(
            f"before: load average {found['load_average'][0]:.2f}, {found['processors']} processors; "
            f"Python {found['python']}, Node.js {found['node']}"
        )
        if THROUGHPUT in wanted:
            for store in options.store or STORAGE:
                compared = await pipelines.compare(store, images=size.images, rounds=size.rounds)
                print(f"\n{compared.table()}", flush=True)
                found.setdefault(THROUGHPUT, []).append(compared.as_json())
        if ITEMS in wanted:
            few, many = await masses.measure(options.items or size.items)
            print(f"\n{masses.table(few, many)}", flush=True)
            found[ITEMS] = [few.as_json(), many.as_json()]
        if FAIRNESS in wanted:
            with _queue(options.queue) as settings:
                fair = await fairness.measure(size.rivals, size.uploads, **settings)
            print(f"\n{fair.table()}", flush=True)
            found[FAIRNESS] = fair.as_json()
        if CREWS in wanted:
            scaled = await crews.measure(size.images)
            print(f"\n{scaled.table()}", flush=True)
            found[CREWS] = scaled.as_json()
        if options.json:
            options.json.write_text(json.dumps(found, indent=2) + "\n")


@contextmanager
def _queue(name: str) -> Iterator[dict[str, str]]:
    """The settings that choose it; a Kafka of its own runs meanwhile, which needs Java and Maven."""
    if name == MONGO:
        yield {}
        return
    with TemporaryDirectory(prefix="darkroom-bench-") as folder, Broker(Path(folder) / KAFKA) as broker:
        yield broker.settings(f"{servers.DATABASE}.")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    run.main(Batches())

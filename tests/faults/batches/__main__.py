"""`make nemesis`: one campaign on machines of its own, as long as is asked for."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.faults.batches import campaign, furies
from tests.kafka.broker import Broker
from tests.services import DEFAULT_QUEUE, QUEUES


def main() -> None:
    """Prints what happened; raises what was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--queue", choices=QUEUES, default=DEFAULT_QUEUE)
    asked = parser.parse_args()
    steps = [step for steps in furies.STEPS.values() for step in steps]
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-nemesis-")))
        kafka = running.enter_context(Broker(folder / "kafka")) if asked.queue == "kafka" else None
        fighting = campaign.fought(folder, asked.seed, steps, seconds=asked.seconds, kafka=kafka, tell=print)
        for name, value in dataclasses.asdict(asyncio.run(fighting)).items():
            print(f"{name}: {dict(value) if hasattr(value, 'items') else value}")  # noqa: T201 - what is asked for


if __name__ == "__main__":
    main()

"""`make nemesis`: one campaign on machines of its own, as long as is asked for."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from tests.faults.batches import campaign, furies
from tests.faults.batches.provider import Provider
from tests.kafka.broker import Broker
from tests.services import DEFAULT_QUEUE, DEFAULT_STORAGE, QUEUES


def main() -> None:
    """Prints what happened; raises what was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--queue", choices=QUEUES, default=DEFAULT_QUEUE)
    parser.add_argument("--storage", choices=("gridfs", "s3"), default=DEFAULT_STORAGE)
    asked = parser.parse_args()
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-nemesis-")))
        kafka = running.enter_context(Broker(folder / "kafka")) if asked.queue == "kafka" else None
        fighting = _fought(folder, asked, kafka)
        for name, value in dataclasses.asdict(asyncio.run(fighting)).items():
            print(f"{name}: {dict(value) if hasattr(value, 'items') else value}")  # noqa: T201 - what is asked for


async def _fought(folder: Path, asked: argparse.Namespace, kafka: Broker | None) -> campaign.Outcome:
    steps = [step for steps in furies.STEPS.values() for step in steps]
    async with AsyncExitStack() as running:
        provider = await running.enter_async_context(Provider.running()) if asked.storage == "s3" else None
        return await campaign.fought(
            folder, asked.seed, steps, seconds=asked.seconds, kafka=kafka, provider=provider, tell=print
        )


if __name__ == "__main__":
    main()

"""`make hostile`: how long a document that doubles is refused in, and how long others wait among slow clients."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import embedded
from tests.client import Client
from tests.hostile import slowness
from tests.hostile.graphql.documents import TANGLED
from tests.hostile.requests import asked
from tests.service import Unaltered

REFUSED_SECONDS, HEALTHY_SECONDS = 0.1, 1.0
TIMES, ASKS = 20, 500


async def main() -> None:
    """Prints the figures; exits with 1 if one is above its limit."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-hostile-")))
        mongod = await stack.enter_async_context(embedded.mongod(folder / "mongodb"))
        service = stack.enter_context(Unaltered(folder, workers=0, MONGODB_URI=mongod.uri))
        refused_seconds = await refused_within(service)
        took, status = await slow_crowd(service)
    for name, seconds in refused_seconds.items():
        say(f"{name}: refused within {1000 * seconds:.1f} ms (median of {TIMES})")
    crowd = f"{slowness.SLOW_HEADS} slow heads, {slowness.SLOW_SUBSCRIBERS} slow subscribers"
    form = f"a form of {slowness.PARTS:,} parts ({status})"
    say(f"{crowd}, {form}: p99 of {len(took)} healthy requests {1000 * slowness.p99(took):.1f} ms")
    if max(refused_seconds.values()) >= REFUSED_SECONDS or slowness.p99(took) >= HEALTHY_SECONDS:
        raise SystemExit(1)


def say(line: str) -> None:
    """What is asked for."""
    print(line)  # noqa: T201


async def refused_within(service: Unaltered) -> dict[str, float]:
    """The seconds that each of the tangled documents takes, from request to answer."""
    medians = {}
    async with Client(service.url) as client:
        for name, document in TANGLED.items():
            took = []
            for number in range(TIMES):
                began = time.perf_counter()
                assert (await asked(client, f"{document} #{number}")).code == "QUERY_TOO_COMPLEX"
                took.append(time.perf_counter() - began)
            medians[name] = statistics.median(took)
    return medians


async def slow_crowd(service: Unaltered) -> tuple[list[float], int]:
    """What healthy requests wait among the slow ones, and what becomes of the form."""
    async with slowness.crowd(service) as people:
        return await asyncio.gather(
            slowness.waits(service.url, ASKS), slowness.form_of_many_parts(service, people[0])
        )


if __name__ == "__main__":
    asyncio.run(main())

"""How long refusals take, beside each other: `python -m tests.hostile.timing` prints it.

A figure, not a test: other work on the machine shows in it. What must hold is tested by what is done, not by how long.
"""

# ruff: noqa: T201 - it prints

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from beanie import PydanticObjectId
from pymongo import AsyncMongoClient

import embedded
from resolvers import ids
from tests import pictures
from tests.accounts import log_in
from tests.client import Client, Person
from tests.service import Unaltered

TRIES = 200
NODE = "query ($id: ID!) { node(id: $id) { id } }"
UPDATE = "mutation ($id: ID!) { updateImage(input: {id: $id, caption: null}) { __typename } }"

Ask = Callable[[], Awaitable[object]]


async def compared(one: Ask, other: Ask, tries: int = TRIES) -> tuple[list[float], list[float]]:
    """Seconds of each, asked in turn, so that what slows one down slows down both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * tries):
        began = perf_counter()
        await (one, other)[number % 2]()
        taken[number % 2].append(perf_counter() - began)
    return taken


async def log_ins(client: Client, email: str, rates: Any) -> tuple[list[float], list[float]]:
    """With the address of an account, and with one that nobody has; `rates` forgets what was counted."""

    async def known() -> None:
        await rates.delete_many({})
        await log_in(client, email, "not the password")

    async def unknown() -> None:
        await rates.delete_many({})
        await log_in(client, f"nobody-{secrets.token_hex(6)}@example.com", "not the password")

    return await compared(known, unknown)


def line(name: str, one: list[float], other: list[float]) -> str:
    """Both medians, and by how much they differ."""
    first, second = median(one), median(other)
    return f"{name:<28} {first * 1e3:8.2f} ms {second * 1e3:8.2f} ms {(second / first - 1) * 100:+6.1f} %"


async def main() -> None:
    """Starts a service of its own, and prints."""
    with tempfile.TemporaryDirectory() as folder:
        async with embedded.mongod(Path(folder) / "mongodb") as mongod:
            settings = {"MONGODB_URI": mongod.uri, "MONGODB_DATABASE": "timing"}
            with Unaltered(Path(folder), workers=0, **settings) as service:
                async with Person.signed_up(service.url) as ann, Person.signed_up(service.url) as ben:
                    await _print(ann, ben, mongod.uri)


async def _print(ann: Person, ben: Person, mongo_uri: str) -> None:
    theirs = (await ben.upload(pictures.jpeg()))["image"]["id"]
    print(f"{'medians of ' + str(TRIES):<28} {'there is':>11} {'there is no':>11}")
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as mongo:
        print(line("log-in", *await log_ins(ann, ben.email, mongo["timing"].rates)))
    for name, query in (("node of another", NODE), ("updateImage of another", UPDATE)):
        asked = await compared(
            lambda query=query: ann.execute(query, id=theirs),
            lambda query=query: ann.execute(query, id=ids.encode("Image", PydanticObjectId())),
        )
        print(line(name, *asked))


if __name__ == "__main__":
    asyncio.run(main())

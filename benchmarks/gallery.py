"""Pages of a gallery of a million images: what they cost, near the beginning and far from it, narrowed down, ordered.

Run it from the top folder: `python -m benchmarks.gallery`. Seeding takes most of its time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient

import embedded
from benchmarks import album, load, processes, servers
from models.gallery import NEWEST_FIRST, OrderField
from models.image import Image
from models.page import Direction, Order

PAGE, FAR_PAGE = 50, 1_000
ROUNDS, REQUESTS = 12, 20
BY_NAME: Final = OrderField.FILENAME.order(Direction.ASC)
NODE: Final = """id filename caption tags state mediaType sizeBytes widthPx heightPx createdAt url
  variants { name url widthPx heightPx } placeholder { thumbhash dominantColor }"""
QUERY: Final = f"""query ($first: Int, $after: String, $last: Int, $filter: GalleryFilter, $orderBy: GalleryOrder) {{
  gallery(first: $first, after: $after, last: $last, filter: $filter, orderBy: $orderBy) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {NODE} }} }} }}"""
COUNT: Final = """query ($filter: GalleryFilter) { gallery(first: 1, filter: $filter) { totalCount } }"""


@dataclass
class Case:
    """A request, and what each round of it cost: the API's CPU, `mongod`'s, and the time from end to end."""

    name: str
    query: str
    variables: dict[str, Any]
    rounds: list[tuple[float, float, float]] = field(default_factory=list)

    def request(self, token: str) -> bytes:
        """As it goes over the wire."""
        body = json.dumps({"query": self.query, "variables": self.variables}).encode()
        return servers.request(
            "POST", "/graphql", body, "application/json", f"Authorization: Bearer {token}\r\n"
        )


async def _cases(images: int) -> list[Case]:
    far = min(FAR_PAGE, images // PAGE)
    by_name = {"field": "FILENAME", "direction": "ASC"}
    whole = {
        "page 1": {"first": PAGE},
        f"page {far:,}": {"first": PAGE, "after": await _cursor(NEWEST_FIRST, far)},
        "the last page": {"last": PAGE},
        "by filename, page 1": {"first": PAGE, "orderBy": by_name},
        f"by filename, page {far:,}": {
            "first": PAGE,
            "after": await _cursor(BY_NAME, far),
            "orderBy": by_name,
        },
        "by size, page 1": {"first": PAGE, "orderBy": {"field": "SIZE_BYTES", "direction": "DESC"}},
    }
    narrowed = {
        "search, a rare word": {"search": album.RARE_WORD[:4]},
        "search, a frequent word": {"search": album.FREQUENT_WORD[:4]},
        "search, both": {"search": f"{album.RARE_WORD} {album.FREQUENT_WORD}"},
        "tagsAll": {"tagsAll": [album.TAG]},
        "mediaTypes": {"mediaTypes": ["image/png"]},
    }
    pages = whole | {name: {"first": PAGE, "filter": chosen} for name, chosen in narrowed.items()}
    return [
        *(Case(name, QUERY, variables) for name, variables in pages.items()),
        Case("totalCount", COUNT, {}),
        Case("totalCount, a rare word", COUNT, {"filter": narrowed["search, a rare word"]}),
        Case("totalCount, tagsAll", COUNT, {"filter": narrowed["tagsAll"]}),
    ]


async def _cursor(order: Order, page: int) -> str:
    """Behind which that page begins."""
    last_before = {"sort": order.sort, "skip": max(PAGE * (page - 1) - 1, 0), "limit": 1}
    (image,) = await Image.get_pymongo_collection().find({}, **last_before).to_list()
    return order.position(Image.model_validate(image)).encode()


async def _measure(cases: Sequence[Case], server: servers.Darkroom, token: str, mongod_pid: int) -> None:
    """All cases in turns, in every round; the first round does not count."""
    async with load.connections(server.port, 1) as (connection,):
        for number in range(ROUNDS + 1):
            for case in cases if number % 2 else reversed(cases):
                request = case.request(token)
                before = processes.cpu_ms(server.pid), processes.cpu_ms(mongod_pid), time.monotonic() * 1e3
                for _ in range(REQUESTS):
                    answer = await connection.exchange(request)
                    if b'"errors"' in bytes(answer.body):
                        raise load.UnexpectedAnswerError(bytes(answer.body[:500]))
                after = processes.cpu_ms(server.pid), processes.cpu_ms(mongod_pid), time.monotonic() * 1e3
                if number:
                    cost = [(b - a) / REQUESTS for a, b in zip(before, after, strict=True)]
                    case.rounds.append((cost[0], cost[1], cost[2]))


def _table(cases: Sequence[Case]) -> str:
    lines = [f"{'ms a request, median [least..most]':34}{'CPU':>24}{'CPU of mongod':>24}{'wall':>24}"]
    for case in cases:
        spreads = [_spread(samples, 2) for samples in zip(*case.rounds, strict=True)]
        lines.append(f"{case.name:34}" + "".join(f"{spread:>24}" for spread in spreads))
    near, far = cases[:2]
    ratios = [b[0] / a[0] for a, b in zip(near.rounds, far.rounds, strict=True)]
    return "\n".join([*lines, f"\nCPU of {far.name} through that of {near.name}: {_spread(ratios, 2)}"])


def _spread(samples: Sequence[float], digits: int) -> str:
    return f"{statistics.median(samples):.{digits}f} [{min(samples):.{digits}f}..{max(samples):.{digits}f}]"


async def main(images: int) -> None:
    """Seed, measure, print."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-gallery-")))
        mongod = await stack.enter_async_context(embedded.mongod(folder / "mongodb"))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongod.uri, tz_aware=True)
        await stack.enter_async_context(client)
        server = await stack.enter_async_context(servers.darkroom(mongod.uri, folder))
        (token,) = await server.people(1)
        owner = await client[server.database]["users"].find_one()
        await album.fill(client[server.database], owner["_id"], count=images)
        cases = await _cases(images)
        await _measure(cases, server, token, mongod.process.pid)
        print(_table(cases))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--images", type=int, default=1_000_000, help="how many; 1,000,000 unless said otherwise"
    )
    asyncio.run(main(parser.parse_args().images))

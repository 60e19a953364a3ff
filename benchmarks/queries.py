"""Queries: Darkroom against GraphQL servers on Node.js, in turns, in CPU per request; all answer the same.

Run it from the top folder: `python -m benchmarks.queries`, or `make bench-queries`, which fetches what it needs.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks import askers, contenders, load, rounds, run, servers
from benchmarks.contenders import APOLLO, INTERPRETED, MERCURIUS, Person, Stand
from benchmarks.contest import Contest
from benchmarks.load import UnexpectedAnswerError
from benchmarks.report import Goal
from benchmarks.rounds import Comparison, Pace, Side
from benchmarks.servers import Server
from resolvers import ids

CLIENTS: Final = 16
FIELDS: Final = """id url caption widthPx heightPx mediaType sizeBytes createdAt owner { id email }
      variants { name url widthPx heightPx }"""
GALLERY, IMAGE, TYPENAME = "gallery(first: 50)", "image(id:)", "{ __typename }"
GALLERY_TEXT: Final = f"""{{ gallery(first: 50) {{
    edges {{ cursor node {{ {FIELDS} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
IMAGE_TEXT: Final = f"query ($id: ID!) {{ image(id: $id) {{ {FIELDS} }} }}"
GOALS: Final = {
    (GALLERY, APOLLO): Goal(3, 4),
    (GALLERY, MERCURIUS): Goal(1.2, 1.7),
    (TYPENAME, APOLLO): Goal(3, 5),
    **{(name, INTERPRETED): Goal(1) for name in (GALLERY, IMAGE, TYPENAME)},
}


@dataclass(frozen=True)
class Size:
    """How much there is of everything.

    `warming`: requests of each kind before the first that counts, since Node.js compiles what has run often.
    """

    pace: Pace
    warming: int
    people: int
    images: int


FULL = Size(Pace(sittings=2, rounds=4, slice_seconds=2), warming=2_000, people=40, images=260)
QUICK = Size(Pace(sittings=1, rounds=2, slice_seconds=0.7), warming=150, people=8, images=60)


@dataclass(frozen=True)
class Query:
    """An operation, as each viewer sends it."""

    name: str
    requests: Sequence[bytes]


async def compare(quick: bool) -> list[Comparison]:  # noqa: FBT001 - the only thing that there is to say
    """Every query, all contenders in every round."""
    size = QUICK if quick else FULL
    async with contenders.stand() as stand:
        people = await stand.people(size.people, size.images)
        queries = await _queries(stand, people)
        return await rounds.sittings(size.pace.sittings, lambda: _sitting(stand, queries, size))


async def _queries(stand: Stand, people: Sequence[Person]) -> list[Query]:
    """Everybody asks for what is theirs."""
    asked: dict[str, list[bytes]] = {GALLERY: [], IMAGE: [], TYPENAME: []}
    for person in people:
        image = await stand.database["images"].find_one({"owner_id": person.id}, {"_id": 1})
        image_id = ids.encode("Image", image["_id"]) if image else ""
        asked[GALLERY].append(servers.operation(GALLERY_TEXT, person.token))
        asked[IMAGE].append(servers.operation(IMAGE_TEXT, person.token, id=image_id))
        asked[TYPENAME].append(servers.operation(TYPENAME, person.token))
    return [Query(name, requests) for name, requests in asked.items()]


async def _sitting(stand: Stand, queries: Sequence[Query], size: Size) -> AsyncIterator[Comparison]:
    """All servers started anew, and warm before each query."""
    async with AsyncExitStack() as running:
        contending = [await stand.start(contender, running) for contender in stand.queried()]
        for query in queries:
            answers = await _agreed(contending, query)
            sides = [_side(server, query, answers[server.name]) for server in contending]
            for side in sides:
                await side.drive(count=size.warming)
            yield await rounds.compare(query.name, sides, pace=size.pace, mongod_pid=stand.mongod_pid)


def _side(server: Server, query: Query, answers: Sequence[bytes]) -> Side:
    """Every viewer's request in turn."""
    exchanges = itertools.cycle(zip(query.requests, answers, strict=True))
    return Side(server.name, server.pid, partial(askers.run, server.port, CLIENTS, exchanges))


async def _agreed(contending: Sequence[Server], query: Query) -> dict[str, list[bytes]]:
    """What each server answers to every request; raises unless all mean the same."""
    found = {server.name: await _answers(server, query) for server in contending}
    ours, *theirs = contending
    for server in theirs:
        for mine, other in zip(found[ours.name], found[server.name], strict=True):
            if json.loads(mine) != json.loads(other):
                shown = f"{mine[:2_000].decode()}\n{other[:2_000].decode()}"
                raise UnexpectedAnswerError(f"{server.name} answers {query.name} otherwise:\n{shown}")
    return found


async def _answers(server: Server, query: Query) -> list[bytes]:
    async with load.connections(server.port, 1) as (connection,):
        answers = [bytes((await connection.exchange(request)).body) for request in query.requests]
    for answer in answers:
        if b'"errors"' in answer[:100] or b":null}}" in answer:
            raise UnexpectedAnswerError(f"{server.name}: {answer[:500].decode()}")
    return answers


if __name__ == "__main__":
    run.main(Contest(__doc__, compare, GOALS, title="CPU time of a request in milliseconds: less is better"))

"""Subscriptions: one viewer's gallery, watched a thousand times on Darkroom and on graphql-ws, in CPU per message.

Run it from the top folder: `python -m benchmarks.subscriptions`, or `make bench-subscriptions`, which fetches what it
needs.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import contenders, listeners, load, processes, report, rounds, run, servers
from benchmarks.contenders import GRAPHQL_WS, Person, Stand
from benchmarks.contest import Contest
from benchmarks.listeners import Crowd
from benchmarks.load import UnexpectedAnswerError
from benchmarks.report import Goal
from benchmarks.rounds import Comparison, Sample
from benchmarks.servers import Server
from resolvers import ids

WATCH: Final = (
    "subscription { galleryChanges { kind cursor image { id url caption widthPx heightPx state } } }"
)
CHANGE: Final = """mutation ($input: UpdateImageInput!) { updateImage(input: $input) {
  ... on UpdateImagePayload { image { id } } ... on Error { message } } }"""
LATEST_SECONDS: Final = 180


@dataclass(frozen=True)
class Size:
    """How much there is of everything; the first `warming` changes of a round do not count."""

    sittings: int
    rounds: int
    subscribers: int
    warming: int
    changes: int

    @property
    def name(self) -> str:
        """What is measured."""
        return f"{self.subscribers:,} hear {self.changes} changes"


FULL = Size(sittings=2, rounds=3, subscribers=1_000, warming=10, changes=50)
QUICK = Size(sittings=1, rounds=1, subscribers=200, warming=5, changes=10)
GOALS: Final = {(FULL.name, GRAPHQL_WS): Goal(4, 8)}


class Writer:
    """Changes images by the published mutation, on a Darkroom that nobody measures: one image after the other."""

    def __init__(self, server: Server, person: Person, image_ids: Sequence[Any]) -> None:
        self._port = server.port
        self._token = person.token
        self._image_ids = [ids.encode("Image", image_id) for image_id in image_ids]
        self._written = 0

    async def change(self, count: int) -> None:
        """Gives so many images captions that they never had."""
        async with load.connections(self._port, 1) as (connection,):
            for _ in range(count):
                answer = await connection.exchange(self._next())
                if b'"image"' not in bytes(answer.body):
                    raise UnexpectedAnswerError(bytes(answer.body))

    def _next(self) -> bytes:
        self._written += 1
        image_id = self._image_ids[self._written % len(self._image_ids)]
        change = {"id": image_id, "caption": f"evening at the lake, number {self._written}"}
        return servers.operation(CHANGE, self._token, input=change)


async def compare(quick: bool) -> list[Comparison]:  # noqa: FBT001 - the only thing that there is to say
    """Both servers in every round."""
    size = QUICK if quick else FULL
    async with contenders.stand() as stand:
        (person,) = await stand.people(1, 2 * size.changes)
        return await rounds.sittings(size.sittings, lambda: _sitting(stand, person, size))


async def _sitting(stand: Stand, person: Person, size: Size) -> AsyncIterator[Comparison]:
    """Both servers started anew; their first round does not count."""
    images = await stand.database["images"].find({}, {"_id": 1}).to_list()
    async with AsyncExitStack() as running:
        contending = [await stand.start(contender, running) for contender in stand.subscribed()]
        elsewhere = await running.enter_async_context(stand.darkroom("writer"))
        writer = Writer(elsewhere, person, [image["_id"] for image in images])
        await _agree(contending, person, writer)
        names = tuple(server.name for server in contending)
        result = Comparison(size.name, names, {name: [] for name in names})
        for number in range(size.rounds + 1):
            for server in contending if number % 2 else contending[::-1]:
                sample = await _round(stand, server, person, writer, size)
                if number:
                    result.samples[server.name].append(sample)
        yield result


async def _round(stand: Stand, server: Server, person: Person, writer: Writer, size: Size) -> Sample:
    """What the messages cost, once everybody listens and nothing else goes on."""
    async with listeners.subscribed(server.port, size.subscribers, person.token, WATCH) as crowd:
        await processes.idle(server.pid)
        await _tell(crowd, writer, size.warming, size.subscribers)
        await processes.idle(server.pid)
        before, mongod_before, began = _now(server, stand)
        await _tell(crowd, writer, size.changes, size.subscribers)
        after, mongod_after, ended = _now(server, stand)
    await processes.idle(server.pid)
    return Sample(
        cpu_ms=(after - before) / crowd.heard,
        mongod_cpu_ms=(mongod_after - mongod_before) / crowd.heard,
        requests_per_second=crowd.heard / (ended - began),
    )


def _now(server: Server, stand: Stand) -> tuple[float, float, float]:
    return processes.cpu_ms(server.pid), processes.cpu_ms(stand.mongod_pid), time.monotonic()


async def _tell(crowd: Crowd, writer: Writer, changes: int, subscribers: int) -> None:
    """Changes images and waits until everybody has heard of all of them."""
    crowd.expect(changes * subscribers)
    await writer.change(changes)
    if not await crowd.wait(LATEST_SECONDS):
        raise UnexpectedAnswerError(f"{crowd.heard} of {changes * subscribers} messages came")


async def _agree(contending: Sequence[Server], person: Person, writer: Writer) -> None:
    """Raises unless one change is told by both in the same words."""
    async with AsyncExitStack() as listening:
        crowds = []
        for server in contending:
            listener = listeners.subscribed(server.port, 1, person.token, WATCH)
            crowds.append(await listening.enter_async_context(listener))
            await processes.idle(server.pid)
            crowds[-1].expect(1)
        await writer.change(1)
        for crowd in crowds:
            await crowd.wait(LATEST_SECONDS)
        ours, theirs = (json.loads(crowd.last or b"{}").get("payload") for crowd in crowds)
        if not ours or ours != theirs:
            raise UnexpectedAnswerError(f"One change is told in two ways:\n{ours}\n{theirs}")


if __name__ == "__main__":
    run.main(
        Contest(
            __doc__,
            compare,
            GOALS,
            title="CPU time of a message in microseconds: less is better",
            unit=report.MICROSECONDS,
        )
    )

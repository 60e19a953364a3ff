"""Change streams: being told what was written, by whatever process, in the order of commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from beanie import Document, PydanticObjectId
from bson import Timestamp
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

import tasks
from errors import EventsExpiredError
from models.moment import Moment

REOPEN_AFTER_SECONDS = 0.5
SETTLED_AFTER_SECONDS = 5
"""Commits become visible out of order, by moments: what is older than this has surely become so."""

LIVE_WAIT_MS, PAST_WAIT_MS = 1_000, 20
HISTORY_LOST = {136, 260, 280, 286}
"""MongoDB's codes for a place that it no longer knows (CappedPositionLost to ChangeStreamHistoryLost)."""

log = structlog.get_logger()

Documents = Sequence[type[Document]]


@dataclass(frozen=True, slots=True)
class Insert:
    """A new document of a collection, and the place right behind it."""

    moment: Moment
    collection: str
    document: dict[str, Any]


class Inserts:
    """An open stream of inserts. Everything up to `reached` was given."""

    def __init__(self, stream: AsyncChangeStream[dict[str, Any]], after: Moment) -> None:
        self._stream = stream
        self.reached = after

    async def next(self) -> Insert | None:
        """The next insert; None if none came for a while, and then `reached` has moved on all the same."""
        while (change := await self._stream.try_next()) is not None:
            moment = Moment.of(change["_id"])
            if moment > self.reached:  # a stream begins with a whole cluster time
                self.reached = moment
                return Insert(moment, change["ns"]["coll"], change["fullDocument"])
        if not self._stream.alive:  # the database was dropped
            raise EventsExpiredError
        if token := self._stream.resume_token:
            self.reached = max(self.reached, Moment.of(token))
        return None


@asynccontextmanager
async def opened(
    documents: Documents, after: Moment, *, wait_ms: int = LIVE_WAIT_MS, **fields: object
) -> AsyncIterator[Inserts]:
    """The inserts behind `after` of documents that have these `fields`, in the order of commits.

    Raises:
        EventsExpiredError: MongoDB's own log no longer reaches back that far.
    """
    wanted = {
        "operationType": "insert",
        "ns.coll": {"$in": [document.get_collection_name() for document in documents]},
        **{f"fullDocument.{name}": value for name, value in fields.items()},
    }
    with _translated():
        # a stream takes no other concern, whichever the client has
        database = _database(documents).with_options(read_concern=ReadConcern("majority"))
        # by time, not by token: MongoDB refuses a token of a change that these fields leave out
        async with await database.watch(
            [{"$match": wanted}], start_at_operation_time=after.time, max_await_time_ms=wait_ms
        ) as stream:
            yield Inserts(stream, after)


async def of_owner(
    documents: Documents, owner_id: PydanticObjectId, after: Moment, most: int
) -> tuple[list[Insert], Moment]:
    """The owner's inserts behind `after`, `most` of them at the most, and the place up to which there are no more.

    Raises:
        EventsExpiredError: MongoDB's own log no longer reaches back that far.
    """
    found: list[Insert] = []
    async with opened(documents, after, wait_ms=PAST_WAIT_MS, owner_id=owner_id) as stream:
        while len(found) < most and (insert := await stream.next()):
            found.append(insert)
        return found, stream.reached


async def settled(documents: Documents) -> Moment:
    """A place just past: everything before it can be read by now, and nothing will be committed there any more."""
    now: Timestamp = (await _database(documents).command("ping"))["operationTime"]
    return Moment.at(Timestamp(now.time - SETTLED_AFTER_SECONDS, 0))


async def has_come(documents: Documents, moment: Moment) -> bool:
    """Whether the cluster's time is as late as this."""
    now: Timestamp = (await _database(documents).command("ping"))["$clusterTime"]["clusterTime"]
    return moment.time <= now


class Follower:
    """Calls `on_insert` with each new document of some collections, from `start` to `close`.

    A lost stream is opened again where it was lost. `on_open` is called each time once the stream stands: whatever was
    written before `since` is to be read from the collections, whatever is written later comes as an insert. Nothing
    falls in between. `on_lost` is called when a stream that stood is lost.

    Attributes:
        reached: Every insert up to here was told; None before the stream has stood.
        since: Every insert from here on is told. It moves when MongoDB's log does not reach back to `reached`.
    """

    def __init__(
        self,
        *documents: type[Document],
        on_insert: Callable[[Insert], None],
        on_open: Callable[[], None],
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._documents = documents
        self._on_insert = on_insert
        self._on_open = on_open
        self._on_lost = on_lost
        self._following: asyncio.Task[None] | None = None
        self.reached: Moment | None = None
        self.since: Moment | None = None

    def start(self) -> None:
        """Opens the stream, unless that was done before."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Closes the stream, if it was opened; `start` opens it where it was closed."""
        if self._following:
            await tasks.end(self._following)
            self._following = None

    async def place(self) -> Moment:
        """Where to begin, found out unless it is known."""
        if self.reached is None:
            self.reached = self.since = await settled(self._documents)
        return self.reached

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_once()
            except Exception as error:  # noqa: BLE001 - whatever it was, those who listen must not go deaf for ever
                self._on_lost()
                if isinstance(error, EventsExpiredError):
                    self.reached = None
                collections = [document.get_collection_name() for document in self._documents]
                log.warning("change stream lost", collections=collections, reason=str(error))
                await asyncio.sleep(REOPEN_AFTER_SECONDS)

    async def _follow_once(self) -> None:
        async with opened(self._documents, await self.place()) as stream:
            self._on_open()
            while True:
                insert = await stream.next()
                self.reached = stream.reached  # first, lest an insert that nobody understands comes for ever
                if insert:
                    self._on_insert(insert)


def _database(documents: Documents) -> AsyncDatabase[dict[str, Any]]:
    return documents[0].get_pymongo_collection().database


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationFailure as error:
        if error.code in HISTORY_LOST:
            raise EventsExpiredError from error
        raise

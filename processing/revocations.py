"""Which sessions have ended, known to every process without a look-up per request.

A change stream brings each revocation into memory, where it stays until no access token of its session could still be
good. While the stream does not stand, MongoDB is asked instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from beanie import PydanticObjectId
from pymongo.errors import PyMongoError

from models.feed import Follower
from models.revocation import Revocation

LOAD_AGAIN_AFTER_SECONDS = 0.5
FORGET_EVERY = timedelta(minutes=1)

log = structlog.get_logger()

OnEnd = Callable[[], None]


class Revocations:
    """The ended sessions that this process knows of, and who wants to be told of an end. Ids are as tokens have them."""

    def __init__(self) -> None:
        self._ended: dict[str, datetime] = {}
        self._forget_at = datetime.min.replace(tzinfo=UTC)
        self._watching: dict[str, dict[object, OnEnd]] = defaultdict(dict)
        self._is_current = False
        self._loading: asyncio.Task[None] | None = None
        self._follower = Follower(
            Revocation,
            on_insert=lambda insert: self.apply([Revocation.model_validate(insert.document)]),
            on_open=self._load,
            on_lost=self._doubt,
        )

    def start(self) -> None:
        """Opens the change stream."""
        self._follower.start()

    async def close(self) -> None:
        """Closes the change stream."""
        await self._follower.close()
        self._doubt()

    def apply(self, revocations: Iterable[Revocation]) -> None:
        """Has these in force, in this process, from now on; those who watch are told."""
        self._forget_what_is_over()
        for revocation in revocations:
            session_id = str(revocation.id)
            if session_id not in self._ended:
                self._ended[session_id] = revocation.expires_at
                for on_end in list(self._watching.get(session_id, {}).values()):
                    on_end()

    def has_ended(self, session_id: str) -> bool:
        """Whether this process knows of the session's end. Costs nothing; while the stream is lost, it may be late."""
        return session_id in self._ended

    async def ended(self, session_id: str) -> bool:
        """Whether the session has ended: from memory, or from MongoDB while memory may lack something."""
        if self._is_current or self.has_ended(session_id):
            return self.has_ended(session_id)
        return await Revocation.stands_for(PydanticObjectId(session_id)) or self.has_ended(session_id)

    def watch(self, session_id: str, on_end: OnEnd) -> Callable[[], None]:
        """Calls `on_end` when the session ends, soon if it has ended. What is returned ends the watch."""
        mark = object()
        self._watching[session_id][mark] = on_end
        if self.has_ended(session_id):
            asyncio.get_running_loop().call_soon(on_end)

        def stop() -> None:
            watchers = self._watching.get(session_id, {})
            watchers.pop(mark, None)
            if not watchers:
                self._watching.pop(session_id, None)

        return stop

    def _load(self) -> None:
        self._doubt()
        self._loading = asyncio.create_task(self._load_all())

    async def _load_all(self) -> None:
        while True:
            try:
                self.apply(await Revocation.standing())
            except PyMongoError as error:
                log.warning("revocations not read", reason=str(error))
                await asyncio.sleep(LOAD_AGAIN_AFTER_SECONDS)
            else:
                self._is_current = True
                return

    def _doubt(self) -> None:
        """From now on memory may lack something."""
        self._is_current = False
        if self._loading:
            self._loading.cancel()
            self._loading = None

    def _forget_what_is_over(self) -> None:
        now = datetime.now(UTC)
        if now < self._forget_at:
            return
        self._forget_at = now + FORGET_EVERY
        for session_id in [known for known, expires_at in self._ended.items() if expires_at < now]:
            del self._ended[session_id]

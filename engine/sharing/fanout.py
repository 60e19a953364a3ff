"""Shared subscriptions: those who ask the same and may see the same are told of each event by one execution of it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

import orjson

from engine.answers import Answer
from engine.documents import Operation
from engine.executor import Executor
from engine.host import Host, Principal
from engine.sharing.stream import Stream


class Fanout:
    """Runs subscriptions.

    Args:
        executor: Runs their operations.
        host: Says who sees the same.

    Attributes:
        members: How many subscriptions are heard.
        executed: How many events were executed.
        delivered: How many answers were sent for them.
        dropped: How many clients were let go because they did not read.
    """

    def __init__(self, executor: Executor, host: Host) -> None:
        self._executor = executor
        self._host = host
        self._leaders: dict[Hashable, Stream] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.members = 0
        self.executed = 0
        self.delivered = 0
        self.dropped = 0

    @property
    def groups(self) -> int:
        """How many sources run."""
        return len(self._running)

    async def start(
        self, operation: Operation, principal: Principal | None, context: object, request_id: str
    ) -> Stream | Answer:
        """A stream that wants to be heard, or the single answer that says why there is none."""
        started = await self._executor.start(operation, context, request_id)
        if isinstance(started, Answer):
            return started
        return Stream(self._key(operation, principal), started, request_id, self)

    async def settled(self) -> None:
        """Waits until sources that nobody hears have closed."""
        if closing := [task for task in self._running if task.cancelling()]:
            await asyncio.wait(closing)

    def begin(self, stream: Stream) -> asyncio.Task[None]:
        """Runs a stream, in a task that belongs to none of its members."""
        task = asyncio.create_task(stream.run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def leader(self, stream: Stream) -> Stream:
        """The stream that others of this key join: this one, unless there is another."""
        return self._leaders.setdefault(stream.key, stream)

    def end(self, stream: Stream) -> None:
        """Nobody joins it any more."""
        if self._leaders.get(stream.key) is stream:
            del self._leaders[stream.key]

    def count(self, events: int, members: int) -> None:
        """So many members were told of so many events."""
        self.executed += events
        self.delivered += events * members

    def _key(self, operation: Operation, principal: Principal | None) -> Hashable:
        try:
            variables = orjson.dumps(operation.variables or {}, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # it reads deeper values than it writes: they are shared with nobody
            return object()
        return operation.query, operation.operation_name, variables, self._host.audience(principal)

"""What runs on one socket, many operations at a time, and what each of them says."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import uuid4

from structlog.contextvars import bind_contextvars

import tasks
from engine import answers
from engine.answers import EXECUTED, Answer
from engine.deadline import Deadline, seconds_for
from engine.documents import SUBSCRIPTION, Operation, Prepared
from engine.executor import Executor
from engine.host import Host, Principal
from engine.sharing import Fanout
from engine.sharing.news import Messages, News
from engine.sharing.outlet import Outlet, UnheardError
from errors import OperationTimeoutError

NEXT, ERROR, COMPLETE = "next", "error", "complete"


class OperationVoice:
    """What one operation says, unless its id is no longer its own."""

    def __init__(self, outlet: Outlet[Messages], operation_id: str) -> None:
        self._outlet = outlet
        self._operation_id = operation_id
        self.is_silent = False

    @property
    def behind(self) -> asyncio.Task[None] | None:
        """Ends when the client has caught up; None while it keeps up."""
        return self._outlet.behind

    def tell(self, told: News) -> None:
        """Sends a `next` for each answer, without waiting."""
        if not self.is_silent:
            self._outlet.push(self, told.messages(self._operation_id))

    async def say(self, kind: str, payload: object = None) -> None:
        """Sends one message, and waits until it is handed over.

        Raises:
            UnheardError: Nobody hears it.
        """
        if self.is_silent:
            raise UnheardError
        said = {} if kind == COMPLETE else {"payload": payload}
        await self._outlet.send(self, Messages.of({"id": self._operation_id, "type": kind, **said}))


class Operations:
    """The operations of one socket.

    Args:
        executor: Runs queries and mutations.
        fanout: Runs subscriptions.
        host: Gives each operation a context.
        outlet: What they say goes out here.
        most: Running at once.
        most_answers: Of queries and mutations, made or waiting to be read at once; the others wait for their turn.
        timeout_seconds: How long a query may run.
        client_address: Where the socket comes from.
    """

    def __init__(
        self,
        executor: Executor,
        fanout: Fanout,
        host: Host,
        outlet: Outlet[Messages],
        *,
        most: int,
        most_answers: int,
        timeout_seconds: float,
        client_address: str | None,
    ) -> None:
        self._executor = executor
        self._fanout = fanout
        self._host = host
        self._outlet = outlet
        self._most = most
        self._turns = asyncio.Semaphore(most_answers)
        self._timeout_seconds = timeout_seconds
        self._client_address = client_address
        self._running: dict[str, tuple[OperationVoice, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._running

    async def start(self, operation_id: str, operation: Operation, principal: Principal | None) -> None:
        """Runs an operation whose id is free, or answers that there are too many."""
        voice = OperationVoice(self._outlet, operation_id)
        if len(self._tasks) >= self._most:
            await voice.say(ERROR, [self._too_many()])
            return
        task = asyncio.create_task(self._run(voice, operation_id, operation, principal))
        self._running[operation_id] = voice, task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, operation_id: str) -> None:
        """Ends an operation, if it runs: nothing more is said, and its id is free."""
        if running := self._running.pop(operation_id, None):
            voice, task = running
            voice.is_silent = True
            self._end(task)

    def stop_all(self) -> None:
        """As `stop`, for all of them."""
        for operation_id in list(self._running):
            self.stop(operation_id)

    async def stopped(self) -> None:
        """Waits until nothing of what was stopped runs on."""
        if self._ending:
            await asyncio.wait(self._ending)

    def _end(self, task: asyncio.Task[None]) -> None:
        ending = asyncio.create_task(tasks.end(task, tasks.AFTER_OTHERS_SECONDS))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _run(
        self, voice: OperationVoice, operation_id: str, operation: Operation, principal: Principal | None
    ) -> None:
        """Runs one operation to its end. An unforeseen fault ends it, not the socket."""
        request_id = uuid4().hex
        bind_contextvars(request_id=request_id)
        with suppress(UnheardError):
            try:
                kind, payload = await self._answer(voice, operation, principal, request_id)
            except UnheardError:
                raise
            except Exception as fault:  # noqa: BLE001 - logged and masked
                kind, payload = ERROR, [answers.internal_error(fault, request_id)]
            await voice.say(kind, payload)
            del self._running[operation_id]

    async def _answer(
        self, voice: OperationVoice, operation: Operation, principal: Principal | None, request_id: str
    ) -> tuple[str, Any]:
        """Says each `next`; gives the last words: an error if nothing ran or if a stream's source failed."""
        context = self._host.context(principal, request_id, self._client_address)
        prepared = self._executor.prepare(operation)
        if isinstance(prepared, Prepared) and prepared.operation_type is SUBSCRIPTION:
            started = await self._fanout.start(operation, principal, context, request_id)
            last = started if isinstance(started, Answer) else await started.hear(voice)
            return (COMPLETE, None) if last is None else (ERROR, last.errors)
        kind = prepared.operation_type if isinstance(prepared, Prepared) else None
        async with self._turns:
            try:
                async with Deadline(seconds_for(kind, self._timeout_seconds)):
                    answer = await self._executor.execute(operation, context, request_id)
            except OperationTimeoutError as late:
                answer = answers.refused(late)
            if answer.status != EXECUTED:
                return ERROR, answer.errors
            await voice.say(NEXT, answer.as_dict())
            return COMPLETE, None

    def _too_many(self) -> dict[str, object]:
        message = f"At most {self._most} operations run on one socket at once."
        return {"message": message, "extensions": {"code": "RATE_LIMITED"}}

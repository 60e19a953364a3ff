"""One GraphQL socket: queries, mutations and subscriptions, many at a time, each with a context of its own.

Source: GraphQL over WebSocket. Beyond it: a `ping` whose payload carries `authorization` brings a fresh token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from engine import answers, frames
from engine.answers import EXECUTED, Answer
from engine.documents import SUBSCRIPTION, Operation, Prepared
from engine.executor import Executor
from engine.frames import Message, ProtocolViolationError
from engine.host import LAST_WORDS_SECONDS, Host, Principal, client_address
from errors import UnauthenticatedError

log = structlog.get_logger(__name__)

CLOSE_TIMEOUT_SECONDS = 5.0
FORBIDDEN_REASON = "Forbidden: the access token is not valid or has expired"
REVOKED_REASON = "Forbidden: the access token was revoked"

NEXT, ERROR, COMPLETE = "next", "error", "complete"


@dataclass(frozen=True)
class SocketBounds:
    """What one socket may take.

    Attributes:
        init_timeout_seconds: How long `connection_init` may take to come.
        max_operations: Running at once; one more is answered with an `error` of code RATE_LIMITED.
        max_frame_bytes: Of one message from the client.
        send_timeout_seconds: How long a client may not read before its socket is closed.
    """

    init_timeout_seconds: float = 10
    max_operations: int = 100
    max_frame_bytes: int = 1024 * 1024
    send_timeout_seconds: float = 20


class UnheardError(Exception):
    """Nobody hears what an operation has to say."""


class Connection:
    """One socket: who is on it, what runs on it, and what ends it.

    Whatever ends the socket calls `end`; the first to do so gives the code.
    """

    def __init__(
        self,
        executor: Executor,
        host: Host,
        bounds: SocketBounds,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._executor = executor
        self._host = host
        self._bounds = bounds
        self._client_address = client_address(scope)
        self._receive = receive
        self._send_event = send
        self._sending = asyncio.Lock()
        self._initialised = False
        self._principal: Principal | None = None
        self._stop_watching: Callable[[], None] = lambda: None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Future[tuple[int, str] | None] = asyncio.get_running_loop().create_future()
        self._timer = asyncio.get_running_loop().call_later(
            bounds.init_timeout_seconds, self.end, frames.INIT_TIMEOUT, "Connection initialisation timeout"
        )
        self._ended = asyncio.Event()
        self._handlers = {
            "connection_init": self._on_init,
            "ping": self._on_ping,
            "pong": self._on_pong,
            "subscribe": self._on_subscribe,
            "complete": self._on_complete,
        }

    async def serve(self) -> None:
        """Reads and answers until something ends the socket; nothing of it runs on when this returns."""
        self._reader = self._start(self._read())
        try:
            closing = await self._closing
            self._cancel_all()
            if closing is not None:
                await self._close(*closing)
        finally:
            self._stop_watching()
            self._cancel_all()
            if self._tasks:
                await asyncio.wait(self._tasks)
            self._ended.set()

    def end(self, code: int, reason: str) -> None:
        """Has the socket closed with `code`, unless it is ending already."""
        self._end_with((code, frames.short(reason)))

    async def ended(self) -> None:
        """Waits until nothing of the socket runs on."""
        await self._ended.wait()

    # ------------------------------------------------------------------ what the client says

    async def _read(self) -> None:
        try:
            while (event := await self._receive())["type"] != "websocket.disconnect":
                await self._handle(frames.message(event, self._bounds.max_frame_bytes))
            self._end_with(None)
        except ProtocolViolationError as violation:
            self.end(violation.code, violation.reason)
        except UnauthenticatedError:
            self.end(frames.FORBIDDEN, FORBIDDEN_REASON)
        except UnheardError:
            pass  # it is ending
        except Exception:
            log.exception("socket failed")
            self.end(frames.INTERNAL_ERROR, "Internal error")

    async def _handle(self, message: Message) -> None:
        kind = message.get("type")
        handler = self._handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise ProtocolViolationError(frames.INVALID, "`type` is none that a client sends.")
        await handler(message)

    async def _on_init(self, message: Message) -> None:
        if self._initialised:
            raise ProtocolViolationError(frames.TOO_MANY_INITS, "Too many initialisation requests")
        self._recognise(await self._host.authenticate(frames.authorization(message)))
        self._initialised = True
        await self._send({"type": "connection_ack"})

    async def _on_ping(self, message: Message) -> None:
        """Answers, without the payload: it may hold a token, which is taken in place of the present one."""
        token = frames.authorization(message)
        if token is not None:
            await self._renew(token)
        await self._send({"type": "pong"})

    async def _renew(self, token: str) -> None:
        self._require_init()
        principal = await self._host.authenticate(token)
        if principal is None or self._principal is None or principal.id != self._principal.id:
            raise UnauthenticatedError
        self._recognise(principal)

    async def _on_pong(self, message: Message) -> None:
        frames.authorization(message)  # checks its shape

    async def _on_subscribe(self, message: Message) -> None:
        operation_id, operation = frames.operation_id(message), frames.operation(message)
        self._require_init()
        if operation_id in self._operations:
            reason = f"Subscriber for {operation_id} already exists"
            raise ProtocolViolationError(frames.DUPLICATE_ID, reason)
        if len(self._tasks) > self._bounds.max_operations:  # the reader is one of them
            await self._send({"type": ERROR, "id": operation_id, "payload": [self._too_many()]})
            return
        self._operations[operation_id] = self._start(self._run(operation_id, operation))

    async def _on_complete(self, message: Message) -> None:
        task = self._operations.pop(frames.operation_id(message), None)
        if task is not None:
            task.cancel()

    def _require_init(self) -> None:
        if not self._initialised:
            raise ProtocolViolationError(frames.UNAUTHORIZED, "Unauthorized")

    def _too_many(self) -> dict[str, object]:
        message = f"At most {self._bounds.max_operations} operations run on one socket at once."
        return {"message": message, "extensions": {"code": "RATE_LIMITED"}}

    # ------------------------------------------------------------------ what it is answered

    async def _run(self, operation_id: str, operation: Operation) -> None:
        """Runs one operation to its end. An unforeseen fault ends it, not the socket."""
        request_id = uuid4().hex
        try:
            last_words = await self._tell(operation_id, operation, request_id)
        except UnheardError:
            return
        except Exception as fault:  # noqa: BLE001 - logged and masked
            last_words = {"type": ERROR, "payload": [answers.internal_error(fault, request_id)]}
        with suppress(UnheardError):
            await self._say(operation_id, last_words)
            del self._operations[operation_id]

    async def _tell(self, operation_id: str, operation: Operation, request_id: str) -> Message:
        """Sends each `next`; gives the last words: `error` if nothing ran or a stream's source failed."""
        prepared = self._executor.prepare(operation)
        streams = isinstance(prepared, Prepared) and prepared.operation_type is SUBSCRIPTION
        run = self._executor.subscribe if streams else self._executor.execute
        outcome = await run(operation, self._context(request_id), request_id)
        if isinstance(outcome, Answer):
            if streams or outcome.status != EXECUTED:
                return {"type": ERROR, "payload": outcome.errors}
            await self._say(operation_id, {"type": NEXT, "payload": outcome.as_dict()})
            return {"type": COMPLETE}
        async with aclosing(outcome):
            async for answer in outcome:
                if _source_failed(answer):
                    return {"type": ERROR, "payload": answer.errors}
                await self._say(operation_id, {"type": NEXT, "payload": answer.as_dict()})
                await asyncio.sleep(0)  # a stream that is always ready must not keep others waiting
        return {"type": COMPLETE}

    def _context(self, request_id: str) -> object:
        return self._host.context(self._principal, request_id, self._client_address)

    async def _say(self, operation_id: str, message: Message) -> None:
        """Sends a message of an operation, unless its id is no longer its own."""
        if self._operations.get(operation_id) is not asyncio.current_task():
            raise UnheardError
        await self._send({**message, "id": operation_id})

    async def _send(self, message: Message) -> None:
        """Sends one message after the other; a client that does not read holds up itself alone.

        Raises:
            UnheardError: The socket is gone or its client too slow; it is ending.
        """
        event = {"type": "websocket.send", "text": orjson.dumps(message).decode()}
        try:
            async with self._sending, asyncio.timeout(self._bounds.send_timeout_seconds):
                await self._send_event(event)
        except TimeoutError as error:
            self.end(frames.TOO_SLOW, "Too slow")
            raise UnheardError from error
        except (OSError, RuntimeError) as error:  # RuntimeError: the server has closed the socket by itself
            self._end_with(None)
            raise UnheardError from error

    # ------------------------------------------------------------------ how it ends

    def _end_with(self, closing: tuple[int, str] | None) -> None:
        if not self._closing.done():
            self._closing.set_result(closing)

    def _end_after(self, seconds: float, code: int, reason: str) -> None:
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.end, code, reason)

    def _recognise(self, principal: Principal | None) -> None:
        """Who sends from now on. The socket ends with their token; an anonymous one has no end."""
        self._stop_watching()
        self._timer.cancel()
        self._principal = principal
        if principal is not None:
            left = principal.expires_at - datetime.now(UTC)
            self._end_after(left.total_seconds(), frames.FORBIDDEN, FORBIDDEN_REASON)
            self._stop_watching = self._host.watch(principal, self._on_revoked)

    def _on_revoked(self) -> None:
        """Takes no more orders; an answer that is being made has a moment to go out."""
        self._reader.cancel()
        self._end_after(LAST_WORDS_SECONDS, frames.FORBIDDEN, REVOKED_REASON)

    async def _close(self, code: int, reason: str) -> None:
        with suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS), self._sending:
                await self._send_event({"type": "websocket.close", "code": code, "reason": reason})

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _cancel_all(self) -> None:
        self._timer.cancel()
        for task in self._tasks:
            task.cancel()


def _source_failed(answer: Answer) -> bool:
    """Whether a stream ends with this answer: unlike the error of a field, that of its source has no path."""
    return answer.data is None and not any("path" in error for error in answer.errors)

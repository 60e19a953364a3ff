"""One GraphQL socket: queries, mutations and subscriptions, many at a time, each with a context of its own.

Source: GraphQL over WebSocket. Beyond it: a `ping` whose payload carries `authorization` brings a fresh token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from starlette.types import Receive, Scope, Send

from engine import frames
from engine.executor import Executor
from engine.frames import Message, ProtocolViolationError
from engine.host import Host, client_address
from engine.places import Places
from engine.sharing import Fanout
from engine.sharing.news import Messages
from engine.sharing.outlet import Outlet, OutletBounds, TooSlowError, UnheardError, Voice
from engine.sockets.operations import Operations
from engine.sockets.pace import Pace
from engine.sockets.presence import FORBIDDEN_REASON, Presence
from errors import TooManyStreamsError, UnauthenticatedError

log = structlog.get_logger(__name__)

CLOSE_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class SocketBounds(OutletBounds):
    """What one socket may take.

    Attributes:
        init_timeout_seconds: How long `connection_init` may take to come.
        max_operations: Running at once; one more is answered with an `error` of code RATE_LIMITED.
        max_answers: Of queries and mutations, made or waiting to be read at once; the others wait for their turn.
        max_frame_bytes: Of one message from the client.
        operation_timeout_seconds: How long a query may run; a mutation longer (`engine/deadline.py`).
        messages_per_second: From the client, after a burst of as many. What it sends faster is read later.
    """

    init_timeout_seconds: float = 10
    max_operations: int = 100
    max_answers: int = 16
    max_frame_bytes: int = 1024 * 1024
    operation_timeout_seconds: float = 30
    messages_per_second: int = 1_000


class OwnVoice:
    """What the socket itself says."""

    is_silent = False


class Connection:
    """One socket: what its client says, and what ends it.

    Whatever ends the socket calls `end`; the first to do so gives the code.
    """

    def __init__(
        self,
        executor: Executor,
        host: Host,
        fanout: Fanout,
        places: Places,
        bounds: SocketBounds,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._fanout = fanout
        self._max_frame_bytes = bounds.max_frame_bytes
        self._pace = Pace(bounds.messages_per_second, bounds.messages_per_second)
        self._receive = receive
        self._send_event = send
        self._outlet = _outlet(scope, send, bounds, self._on_lost)
        self._operations = Operations(
            executor,
            fanout,
            host,
            self._outlet,
            most=bounds.max_operations,
            most_answers=bounds.max_answers,
            timeout_seconds=bounds.operation_timeout_seconds,
            client_address=client_address(scope),
        )
        place = partial(places.taken, client_address=client_address(scope))
        self._presence = Presence(host, place, bounds.init_timeout_seconds, self.end, self._take_no_more)
        self._closing: asyncio.Future[tuple[int, str] | None] = asyncio.get_running_loop().create_future()
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
        self._reader = asyncio.create_task(self._read())
        try:
            closing = await self._closing
            self._stop()
            if closing is not None:
                await self._close(*closing)
        finally:
            self._stop()
            await self._outlet.close()
            await asyncio.wait({self._reader})
            await self._operations.stopped()
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
                await self._pace.keep()
                await self._handle(frames.message(event, self._max_frame_bytes))
            self._end_with(None)
        except ProtocolViolationError as violation:
            self.end(violation.code, violation.reason)
        except UnauthenticatedError:
            self.end(frames.FORBIDDEN, FORBIDDEN_REASON)
        except TooManyStreamsError as error:
            self.end(frames.TOO_MANY, str(error))
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
        if self._presence.is_known:
            raise ProtocolViolationError(frames.TOO_MANY, "Too many initialisation requests")
        await self._presence.begin(frames.authorization(message))
        await self._say("connection_ack")

    async def _on_ping(self, message: Message) -> None:
        """Answers, without the payload: it may hold a token, which is taken in place of the present one."""
        token = frames.authorization(message)
        if token is not None:
            self._require_init()
            await self._presence.renew(token)
        await self._say("pong")

    async def _on_pong(self, message: Message) -> None:
        frames.authorization(message)  # checks its shape

    async def _on_subscribe(self, message: Message) -> None:
        operation_id, operation = frames.operation_id(message), frames.operation(message)
        self._require_init()
        if operation_id in self._operations:
            reason = f"Subscriber for {operation_id} already exists"
            raise ProtocolViolationError(frames.DUPLICATE_ID, reason)
        await self._operations.start(operation_id, operation, self._presence.principal)

    async def _on_complete(self, message: Message) -> None:
        self._operations.stop(frames.operation_id(message))

    def _require_init(self) -> None:
        if not self._presence.is_known:
            raise ProtocolViolationError(frames.UNAUTHORIZED, "Unauthorized")

    # ------------------------------------------------------------------ what it is told

    async def _say(self, kind: str) -> None:
        await self._outlet.send(OwnVoice, Messages.of({"type": kind}))

    # ------------------------------------------------------------------ how it ends

    def _end_with(self, closing: tuple[int, str] | None) -> None:
        if not self._closing.done():
            self._closing.set_result(closing)

    def _take_no_more(self) -> None:
        self._reader.cancel()

    def _on_lost(self, fault: Exception) -> None:
        if isinstance(fault, TooSlowError):
            self._fanout.dropped += 1
            self.end(frames.TOO_SLOW, "Too slow")
        elif isinstance(
            fault, OSError | RuntimeError
        ):  # RuntimeError: the server has closed the socket by itself
            self._end_with(None)
        else:
            log.error("socket failed", exc_info=fault)
            self.end(frames.INTERNAL_ERROR, "Internal error")

    def _stop(self) -> None:
        self._presence.leave()
        self._reader.cancel()
        self._operations.stop_all()

    async def _close(self, code: int, reason: str) -> None:
        with suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                await self._outlet.close()
                await self._send_event({"type": "websocket.close", "code": code, "reason": reason})


def _outlet(
    scope: Scope, send: Send, bounds: OutletBounds, on_lost: Callable[[Exception], None]
) -> Outlet[Messages]:
    """Hands messages over as built frames where the server takes them, else as ASGI has it."""

    async def put_texts(voice: Voice, messages: Messages) -> None:
        for text in messages.texts:
            if not voice.is_silent:
                await send({"type": "websocket.send", "text": text})

    async def put_frames(_: Voice, messages: Messages) -> None:
        await server["send"](messages.frames)

    server = (scope.get("extensions") or {}).get(frames.PREBUILT, {})
    if not server:
        return Outlet(put_texts, bounds, on_lost)
    write = server["write"]
    return Outlet(put_frames, bounds, on_lost, lambda messages: write(messages.frames))

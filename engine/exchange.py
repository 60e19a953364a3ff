"""One HTTP request and its response: answers in the form that was asked for, refusals that reach the client."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from starlette.types import Receive, Scope, Send

from body import Body
from engine import negotiation
from engine.answers import EXECUTED, REQUEST_ERROR, Answer
from engine.deadline import GONE
from engine.negotiation import JSON, RESPONSE_JSON

Header = tuple[bytes, bytes]
UNAUTHENTICATED = 401

ALWAYS: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
MODERN: Header = (b"content-type", f"{RESPONSE_JSON}; charset=utf-8".encode())
LEGACY: Header = (b"content-type", f"{JSON}; charset=utf-8".encode())


@dataclass(frozen=True)
class HttpBounds:
    """How large, and how slow, a request may be.

    Attributes:
        max_request_bytes: Of a multipart request, all files together.
        max_json_bytes: Of any other request.
        max_files_per_request: Named in `map`.
        body_timeout_seconds: The longest wait for the next bytes of a body, and for slow ones.
        operation_timeout_seconds: How long a query may run; a mutation longer (`engine/deadline.py`), and one with files
            as long as they take.
        linger_seconds: How long a refused client may go on sending.
    """

    max_request_bytes: int
    max_json_bytes: int = 1024 * 1024
    max_files_per_request: int = 20
    body_timeout_seconds: float = 30
    operation_timeout_seconds: float = 30
    linger_seconds: float = 5


class Exchange:
    """What came in with one HTTP request, and the way back."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, bounds: HttpBounds) -> None:
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._send = send
        self._linger_seconds = bounds.linger_seconds
        self.scope = scope
        self.receive = receive
        self.body = Body(receive, self._headers, timeout_seconds=bounds.body_timeout_seconds)
        self.accepted = negotiation.accepted(self.header(b"accept"))
        self.request_id = os.urandom(16).hex()
        self.started = False

    def header(self, name: bytes) -> str:
        """The value of a request's header; empty when it was not sent."""
        return self._headers.get(name, b"").decode("latin-1")

    async def answer(self, answer: Answer) -> None:
        """Sends the answer to a well-formed request.

        Errors found before execution are a 400 only in the media type whose clients expect that.
        Source: GraphQL over HTTP, "Status Codes".
        """
        legacy = answer.status == REQUEST_ERROR and self.accepted.media_type != RESPONSE_JSON
        await self._respond(EXECUTED if legacy else answer.status, answer)

    async def refuse(self, answer: Answer, *headers: Header) -> None:
        """Sends the answer to a request that is not served, read to its end or not."""
        await self._respond(answer.status, answer, *headers)

    def when_gone(self, then: Callable[[], None]) -> None:
        """Has `then` called if the client hangs up before it is answered, by a server that looks for it."""
        self.scope.setdefault("extensions", {})[GONE] = then

    async def start(self, status: int, *headers: Header) -> None:
        """Begins the response."""
        self.started = True
        named = (b"x-request-id", self.request_id.encode())
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [named, *ALWAYS, *headers]}
        )

    async def write(self, content: bytes, *, more: bool) -> None:
        """Sends the next bytes of the response."""
        await self._send({"type": "http.response.body", "body": content, "more_body": more})

    async def _respond(self, status: int, answer: Answer, *headers: Header) -> None:
        content = orjson.dumps(answer.as_dict())
        unread = not self.body.complete
        await self.start(
            status,
            MODERN if self.accepted.media_type == RESPONSE_JSON else LEGACY,
            (b"content-length", b"%d" % len(content)),
            *headers,
            *([(b"www-authenticate", b"Bearer")] if status == UNAUTHENTICATED else []),
            *([(b"connection", b"close")] if unread else []),
        )
        await self.write(content, more=unread)
        if unread:
            await self.body.linger(self._linger_seconds)
            await self.write(b"", more=False)

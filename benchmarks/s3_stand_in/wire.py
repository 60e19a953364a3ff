"""What is asked of the stand-in and what it answers, between ASGI and objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from benchmarks.s3_stand_in.aws_chunked import Decoder
from benchmarks.s3_stand_in.objects import Kept

PIECE_BYTES: Final = 2**18
XMLNS: Final = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class RefusedError(Exception):
    """An error of S3's: its status and its code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Request:
    """What is asked for; `body` is read once. `stated` has the headers and, when the body has passed, its trailers."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    stated: dict[str, str]
    receive: Receive

    @classmethod
    def of(cls, scope: dict[str, Any], receive: Receive) -> Self:
        """From what ASGI says."""
        bucket, _, key = scope["path"].removeprefix("/").partition("/")
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        return cls(scope["method"], bucket, key, query, headers, receive)

    async def body(self) -> AsyncIterator[bytes]:
        """What was meant: without the lines between chunks."""
        if "aws-chunked" not in self.stated.get("content-encoding", ""):
            async for piece in self._sent():
                yield piece
            return
        chunked = Decoder()
        async for piece in self._sent():
            for content in chunked.feed(piece):
                yield content
        self.stated.update(chunked.trailers)

    async def _sent(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise RefusedError(400, "IncompleteBody")
            more = message.get("more_body", False)
            yield message.get("body", b"")


@dataclass(frozen=True)
class Response:
    """What is answered: text, or a part of what is kept."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    content: tuple[Kept, int, int] | None = None

    async def send(self, method: str, send: Send) -> None:
        """Over ASGI; without a body to a HEAD."""
        kept, start, end = self.content or (None, 0, len(self.text.encode()))
        headers = {**self.headers, "content-length": str(end - start)}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        if kept and method != "HEAD":
            for piece in kept.read(start, end, PIECE_BYTES):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        text = b"" if method == "HEAD" else self.text.encode()
        await send({"type": "http.response.body", "body": text})


def element(name: str, value: object) -> str:
    """One XML element."""
    return f"<{name}>{escape(str(value))}</{name}>"


def document(root: str, content: str) -> Response:
    """An XML document as an answer."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {XMLNS}>{content}</{root}>'
    return Response(headers={"content-type": "application/xml"}, text=text)

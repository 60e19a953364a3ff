"""An object's bytes as HTTP has them: ranges, validators, caches."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from delivery import ranges
from delivery.pieces import PiecesResponse
from delivery.ranges import ByteRange
from storage.adapters import Storages

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Accept-Ranges": "bytes",
}


@dataclass(frozen=True)
class Deliverable:
    """Bytes that an address leads to, and the kind of storage that holds them. `etag` changes whenever they do."""

    storage_kind: str
    key: str
    media_type: str
    size_bytes: int
    etag: str
    disposition: str


async def send(request: Request, storages: Storages, wanted: Deliverable, cache_control: str) -> Response:
    """The bytes, a part of them, or that the client has them.

    Raises:
        ObjectNotFoundError: They are not there; no status was sent. A HEAD does not look.
    """
    headers = _headers(wanted, cache_control)
    if has_already(request, wanted.etag):
        return Response(status_code=304, headers=headers)
    try:
        part = ranges.parse(_range_header(request, wanted), wanted.size_bytes)
    except ranges.Unsatisfiable:
        unsatisfied = {"Content-Range": f"bytes */{wanted.size_bytes}", "Cache-Control": "no-store"}
        return Response(status_code=416, headers={**SAFE_HEADERS, **unsatisfied})
    sent = part or ByteRange(0, wanted.size_bytes)
    headers = {**headers, **_length_headers(sent, part, wanted.size_bytes)}
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=wanted.media_type)
    pieces = storages.of(wanted.storage_kind).get(wanted.key, start=sent.start, end=sent.end)
    first = await anext(pieces, b"")  # what is missing is known before a status is sent
    return PiecesResponse(first, pieces, status, headers, wanted.media_type)


def refusal(status: int, message: str, **headers: str) -> Response:
    """Why there are no bytes; kept by no cache."""
    return PlainTextResponse(f"{message}\n", status, {**SAFE_HEADERS, "Cache-Control": "no-store", **headers})


def has_already(request: Request, etag: str) -> bool:
    """`If-None-Match`, compared weakly as RFC 9110, section 13.1.2, asks."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))


def _headers(wanted: Deliverable, cache_control: str) -> dict[str, str]:
    return {
        **SAFE_HEADERS,
        "ETag": wanted.etag,
        "Cache-Control": cache_control,
        "Content-Disposition": wanted.disposition,
    }


def _length_headers(sent: ByteRange, part: ByteRange | None, size_bytes: int) -> dict[str, str]:
    length = {"Content-Length": str(sent.end - sent.start)}
    if part:
        length["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size_bytes}"
    return length


def _range_header(request: Request, wanted: Deliverable) -> str | None:
    """The range of a GET, unless `If-Range` says that the client has other bytes (RFC 9110, sections 14.2, 13.1.5)."""
    if request.method != "GET" or request.headers.get("if-range", wanted.etag) != wanted.etag:
        return None
    return request.headers.get("range")

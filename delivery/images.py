"""Originals and presets: `GET /images/{id}/{version}/{name}`, signed, with ranges and validators.

`version` is the beginning of the original's checksum: an address never shows other bytes than it was made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from beanie import PydanticObjectId
from bson import ObjectId
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from delivery import ranges
from delivery.pieces import PiecesResponse
from delivery.ranges import ByteRange
from delivery.signing import NEVER, Signer
from errors import ObjectNotFoundError
from models.image import Image, Variant
from storage.adapters import Storages

ORIGINAL = "original"
VERSION_CHARACTERS = 16
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


def path(image: Image, name: str) -> str:
    """Where the original, or the variant called `name`, is delivered; to be signed."""
    return f"/images/{image.id}/{image.checksum_sha256[:VERSION_CHARACTERS]}/{name}"


class ImageDelivery:
    """Answers for every signed address of an image."""

    def __init__(self, storages: Storages, signer: Signer) -> None:
        self._storages = storages
        self._signer = signer

    def routes(self) -> list[Route]:
        """What to mount."""
        return [Route("/images/{image_id}/{version}/{name}", self.answer, methods=["GET", "HEAD"])]

    async def answer(self, request: Request) -> Response:
        """The bytes, a part of them, or why not. A signature is checked before anything is looked up."""
        query = request.query_params
        seconds_left = self._signer.seconds_left(
            request.scope["path"], query.get("expires", ""), query.get("signature", "")
        )
        if seconds_left is None:
            return _refusal(403, "This address has expired or was changed. Ask for a fresh one.")
        wanted = await _find(request.path_params)
        if wanted is None:
            return _refusal(404, "There is nothing here any more.")
        visibility = "public" if query["expires"] == str(NEVER) else "private"
        headers = _headers(wanted, f"{visibility}, max-age={seconds_left}, immutable")
        if _matches(request.headers.get("if-none-match"), wanted.etag):
            return Response(status_code=304, headers=headers)
        return await self._send(request, wanted, headers)

    async def _send(self, request: Request, wanted: Deliverable, headers: dict[str, str]) -> Response:
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
        storage = self._storages.of(wanted.storage_kind)
        pieces = storage.get(wanted.key, start=sent.start, end=sent.end)
        try:
            first = await anext(pieces, b"")  # what is missing is known before a status is sent
        except ObjectNotFoundError:
            return _refusal(404, "There is nothing here any more.")
        return PiecesResponse(first, pieces, status, headers, wanted.media_type)


async def _find(parameters: dict[str, str]) -> Deliverable | None:
    image_id = parameters["image_id"]
    if not ObjectId.is_valid(image_id):
        return None
    image = await Image.for_delivery(PydanticObjectId(image_id))
    if image is None or not image.checksum_sha256.startswith(parameters["version"]):
        return None
    if parameters["name"] == ORIGINAL:
        return _original(image)
    named = (variant for variant in image.variants if variant.name == parameters["name"])
    return next((_variant(image, variant) for variant in named), None)


def _original(image: Image) -> Deliverable:
    """Always an attachment: whatever else the bytes may also be, no browser runs them."""
    disposition = f"attachment; filename*=UTF-8''{quote(image.filename, safe='')}"
    etag = f'"{image.checksum_sha256}"'
    stored_at = image.storage
    return Deliverable(stored_at.kind, stored_at.key, image.media_type, image.size_bytes, etag, disposition)


def _variant(image: Image, variant: Variant) -> Deliverable:
    etag = f'"{variant.key.rsplit("-", 1)[-1]}-{variant.name}"'
    return Deliverable(
        image.storage.kind, variant.key, variant.media_type, variant.size_bytes, etag, "inline"
    )


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


def _matches(header: str | None, etag: str) -> bool:
    """`If-None-Match`, compared weakly as RFC 9110, section 13.1.2, asks."""
    if header is None:
        return False
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))


def _refusal(status: int, message: str) -> Response:
    return PlainTextResponse(message + "\n", status, {**SAFE_HEADERS, "Cache-Control": "no-store"})

"""Delivery: signed addresses, originals, and pictures that are changed, cached until they are purged."""

from __future__ import annotations

import hashlib
import hmac
import time
from http import HTTPStatus

import pyvips
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from delivery import ranges
from tests.imagekit.library import Asset, Library
from tests.imagekit.uploading import media_type_of

NEVER = "9999999999"
OPTIMISED = b"\n<!-- smaller than it was -->"
SUFFIXES = {"jpg": ".jpg", "png": ".png", "webp": ".webp", "avif": ".avif", "gif": ".gif"}
MEDIA_TYPES = {"jpg": "image/jpeg"}
Cached = tuple[bytes, str, str]


class Media:
    """Answers `GET /media/…`, the URL endpoint."""

    def __init__(self, library: Library, private_key: str) -> None:
        self._library = library
        self._private_key = private_key
        self._cache: dict[str, Cached] = {}

    def purge(self, path: str) -> None:
        """Forgets an address, or with a `*` at the end, all that begin so."""
        gone = [url for url in self._cache if url.startswith(path[:-1]) if path.endswith("*") or url == path]
        for url in gone:
            del self._cache[url]

    async def answer(self, request: Request) -> Response:
        """The bytes, or why not."""
        path, query = f"/{request.path_params['path']}", request.url.query
        verdict = self._verdict(path, query)
        if verdict:
            return PlainTextResponse(verdict, HTTPStatus.UNAUTHORIZED)
        if f"{path}?{query}" not in self._cache:
            file = self._library.files.get(path)
            if file is None:
                return PlainTextResponse("Not found", HTTPStatus.NOT_FOUND)
            try:
                self._cache[f"{path}?{query}"] = _delivered(file, request.query_params.get("tr", ""))
            except (KeyError, ValueError, pyvips.Error) as error:
                return PlainTextResponse(f"bad transformation {error}", HTTPStatus.BAD_REQUEST)
        body, media_type, written = self._cache[f"{path}?{query}"]
        headers = {"Last-Modified": written}
        if request.query_params.get("ik-attachment") == "true":
            headers["Content-Disposition"] = f'attachment; filename="{path.rpartition("/")[2]}"'
        return _ranged(request, body, headers, media_type)

    def _verdict(self, path: str, query: str) -> str:
        """What is wrong with an address, if anything is."""
        parameters = query.split("&") if query else []
        end = next((p[5:] for p in parameters if p.startswith("ik-t=")), NEVER)
        signature = next((p[5:] for p in parameters if p.startswith("ik-s=")), None)
        if signature is None:
            file = self._library.files.get(path)
            return "private" if file and file.is_private else ""
        others = "&".join(p for p in parameters if not p.startswith(("ik-t=", "ik-s=")))
        signed = path[1:] + (f"?{others}" if others else "") + end
        wanted = hmac.new(self._private_key.encode(), signed.encode(), hashlib.sha1).hexdigest()
        if not hmac.compare_digest(wanted, signature):
            return "tampered"
        return "expired" if int(end) < time.time() else ""


def _delivered(file: Asset, transformation: str) -> Cached:
    written = file.updated_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    how = dict(part.split("-", 1) for part in transformation.split(",") if part)
    if how.get("orig") == "true":
        return file.content, media_type_of(file.content), written
    if not how:
        return file.content + OPTIMISED, media_type_of(file.content), written
    body = _derived(file.content, dict(how))
    return body, MEDIA_TYPES.get(how["f"], f"image/{how['f']}"), written


def _derived(content: bytes, how: dict[str, str]) -> bytes:
    """The picture as it is asked for; whatever is not known is refused."""
    width, height = int(how.pop("w")), int(how.pop("h"))
    picture = pyvips.Image.new_from_buffer(content, "")
    if how.pop("rt", "") == "auto":
        picture = picture.autorot()
    crop = how.pop("c")
    if crop == "force":
        picture = picture.thumbnail_image(width, height=height, size="force", no_rotate=True)
    elif crop == "maintain_ratio":
        picture = picture.thumbnail_image(width, height=height, crop="centre", no_rotate=True)
    else:
        raise ValueError(crop)
    keep = {"true": "exif", "false": "none"}[how.pop("md")]
    suffix, quality = SUFFIXES[how.pop("f")], int(how.pop("q"))
    if how.pop("cp") != "false" or how:
        raise ValueError(how)
    options = {} if suffix in {".png", ".gif"} else {"Q": quality}
    return bytes(picture.write_to_buffer(suffix, keep=keep, **options))


def _ranged(request: Request, body: bytes, headers: dict[str, str], media_type: str) -> Response:
    """As a CDN answers: validators first, then one range."""
    asked, etag = request.headers, f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    headers |= {"ETag": etag, "Accept-Ranges": "bytes"}
    known = asked.get("if-none-match", "")
    if etag in known or known == "*":
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    try:
        part = ranges.parse(asked.get("range"), len(body))
    except ranges.Unsatisfiable:
        headers["Content-Range"] = f"bytes */{len(body)}"
        return Response(None, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
    if part is None or asked.get("if-range", etag) != etag:
        return Response(body, HTTPStatus.OK, headers, media_type)
    headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{len(body)}"
    return Response(body[part.start : part.end], HTTPStatus.PARTIAL_CONTENT, headers, media_type)

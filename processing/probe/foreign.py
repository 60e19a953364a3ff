"""Names for files that do not come in, so that a refusal can say what was sent instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LOOK_AHEAD_BYTES: Final = 4096
"""How far into a text its first element is looked for."""

_BINARY: Final = (
    (re.compile(rb"\x1f\x8b"), "application/gzip"),
    (re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"), "image/tiff"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"\x00\x00\x01\x00"), "image/x-icon"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"), "image/jxl"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "image/jp2"),
    (re.compile(rb"8BPS"), "image/vnd.adobe.photoshop"),
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"%!PS"), "application/postscript"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "application/zip"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm"),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), "video/x-msvideo"),
)
_TEXT: Final = (
    (re.compile(rb"<(!doctype\s+html|html|head|body|script)\b", re.IGNORECASE), "text/html"),
    (re.compile(rb"<\?xml\b"), "application/xml"),
)
_SVG_ELEMENT: Final = re.compile(rb"<([\w-]+:)?svg[\s>]", re.IGNORECASE)
_BEFORE_TEXT: Final = b"\xef\xbb\xbf\xff\xfe \t\r\n"  # byte order marks and white space

_VIDEO_BRANDS: Final = re.compile(rb"isom|iso\d|mp4\d|avc1|M4V |dash|mmp4")
_HEIC_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))


def media_type(head: bytes) -> str | None:
    """What a file that begins with `head` is, if it is something well known."""
    text = head.replace(b"\0", b"").lstrip(_BEFORE_TEXT)  # without NUL, UTF-16 reads as ASCII
    name = _first_match(_BINARY, head) or _first_match(_TEXT, text)
    if name in (None, "application/xml") and text.startswith(b"<") and _SVG_ELEMENT.search(text):
        return "image/svg+xml"  # its element may come late, after comments and entities
    return name


def media_type_of_brands(brands: list[bytes]) -> str | None:
    """What an ISO base media file with these brands in its `ftyp` is, if it is something well known."""
    if not _HEIC_BRANDS.isdisjoint(brands):
        return "image/heic"
    if brands[0] == b"qt  ":
        return "video/quicktime"
    return "video/mp4" if any(map(_VIDEO_BRANDS.match, brands)) else None


def _first_match(known: Iterable[tuple[re.Pattern[bytes], str]], head: bytes) -> str | None:
    return next((name for pattern, name in known if pattern.match(head)), None)

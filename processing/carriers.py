"""What lies in a JPEG or GIF beside its picture and is not shown by libvips: comments, extended XMP, and the like.

Reads structure that the probe has found sound; where it is not, or is in too many pieces, what was found until there
counts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final

XMP: Final = "XMP"
EXTENDED_XMP: Final = "ExtendedXMP"
COMMENT: Final = "Comment"
MAX_PIECES: Final = 10_000
"""How many segments or blocks are looked at; they may be as small as 3 bytes."""

_JPEG, _GIF = b"\xff\xd8", b"GIF8"
_SCAN, _END, _COMMENT, _FIRST_APPLICATION, _LAST_APPLICATION = 0xDA, 0xD9, 0xFE, 0xE0, 0xEF
_NAMED_SEGMENTS: Final = (
    (0xE0, b"", None),  # JFIF, which is the format itself
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0", EXTENDED_XMP),
    (0xE1, b"http://ns.adobe.com/xap/", None),  # libvips shows it, as it does those below
    (0xE1, b"Exif\0", None),
    (0xE2, b"ICC_PROFILE\0", None),
    (0xE2, b"MPF\0", "MultiPicture"),
    (0xEB, b"", "C2PA"),
    (0xED, b"Photoshop 3.0\0", None),
    (0xEE, b"Adobe", None),  # how the colours are coded
    (_COMMENT, b"", COMMENT),
)
_EXTENSION_XMP_HEADER_BYTES: Final = 35 + 32 + 4 + 4  # the name, a digest, the whole length, the offset

_GIF_EXTENSION, _GIF_FRAME, _GIF_COMMENT, _GIF_TEXT, _GIF_APPLICATION = 0x21, 0x2C, 0xFE, 0x01, 0xFF
_GIF_APPLICATIONS: Final = {
    b"XMP DataXMP": XMP,
    b"ICCRGBG1012": "ICCProfile",
    b"NETSCAPE2.0": None,  # how often the animation runs
    b"ANIMEXTS1.0": None,
}


def found(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Names of what is there, each with what it says; nothing of formats of which libvips shows all."""
    walk = {_JPEG: _jpeg, _GIF[:2]: _gif}.get(content[:2])
    if walk is None:
        return
    try:
        for name, said in islice(walk(content), MAX_PIECES):
            if name:
                yield name, said
    except (IndexError, struct.error):  # cut short
        return


def _jpeg(content: bytes) -> Iterator[tuple[str | None, bytes]]:
    at = 2
    while (marker := content[at + 1]) not in (_SCAN, _END):
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at + 4 : at + 2 + length]
        name = _segment_name(marker, segment)
        yield name, segment[_EXTENSION_XMP_HEADER_BYTES:] if name == EXTENDED_XMP else segment
        at += 2 + length
        while content[at + 1] == 0xFF:  # noqa: PLR2004 - fill bytes
            at += 1


def _segment_name(marker: int, segment: bytes) -> str | None:
    for known_marker, beginning, name in _NAMED_SEGMENTS:
        if marker == known_marker and segment.startswith(beginning):
            return name
    is_application = _FIRST_APPLICATION <= marker <= _LAST_APPLICATION
    return f"APP{marker - _FIRST_APPLICATION}" if is_application else None


def _gif(content: bytes) -> Iterator[tuple[str | None, bytes]]:
    at = 13 + _colour_table_bytes(content[10])
    while (kind := content[at]) in (_GIF_EXTENSION, _GIF_FRAME):
        begin = at + (11 + _colour_table_bytes(content[at + 9]) if kind == _GIF_FRAME else 2)
        end = _end_of_blocks(content, begin)
        yield (_extension_name(content, at) if kind == _GIF_EXTENSION else None), content[begin:end]
        at = end


def _colour_table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(content: bytes, at: int) -> int:
    while length := content[at]:
        at += 1 + length
    return at + 1


def _extension_name(content: bytes, at: int) -> str | None:
    label = content[at + 1]
    if label == _GIF_APPLICATION:
        return _GIF_APPLICATIONS.get(content[at + 3 : at + 14], "Application")
    return COMMENT if label in (_GIF_COMMENT, _GIF_TEXT) else None

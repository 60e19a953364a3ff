"""The pieces that a JPEG is made of, from its start marker to its end marker; what lies behind that is not part of it.

Source: ITU-T T.81, Annex B.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from processing.codec import failures
from processing.probe import markers

SOI, EOI, SOS, DQT, APP0, APP1, APP2, APP14, APP15, COMMENT = (
    0xD8,
    0xD9,
    0xDA,
    0xDB,
    0xE0,
    0xE1,
    0xE2,
    0xEE,
    0xEF,
    0xFE,
)
DATA: Final = 0x00
"""No marker: the entropy-coded data of a scan, restart markers and all."""

EXIF, XMP, ICC, ADOBE = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0", b"Adobe"
"""What an application's segment begins with."""

MAX_SEGMENTS: Final = 10_000
_MAX_BODY_BYTES: Final = 0xFFFF - 2
_MARKER: Final = 0xFF


@dataclass(frozen=True)
class Segment:
    """A marker and where it lies in the file, from the marker to behind its last byte; `body` follows its length."""

    marker: int
    begin: int
    end: int
    body: memoryview

    @property
    def is_metadata(self) -> bool:
        """Whether it belongs to an application, or is a comment."""
        return APP0 <= self.marker <= APP15 or self.marker == COMMENT


def walk(content: memoryview) -> Iterator[Segment]:
    """All pieces behind the start marker, in order, up to the end marker. Data of a scan is searched only when reached.

    Raises:
        CompressionError: They do not follow each other, or do not reach an end.
    """
    at = 2
    try:
        for _ in range(MAX_SEGMENTS):
            segment = _segment(content, at)
            yield segment
            if segment.marker == EOI:
                return
            at = segment.end
            if segment.marker == SOS:
                data = _data(content, at)
                yield data
                at = data.end
    except (IndexError, struct.error) as error:
        raise failures.damaged() from error
    raise failures.damaged()


def written(marker: int, body: bytes) -> bytes:
    """A segment as it stands in a file.

    Args:
        marker: Which kind.
        body: At most 65,533 bytes.
    """
    return struct.pack(">BBH", _MARKER, marker, len(body) + 2) + body


def fits(body: bytes) -> bool:
    """Whether it can be the body of one segment."""
    return len(body) <= _MAX_BODY_BYTES


def _segment(content: memoryview, at: int) -> Segment:
    if content[at] != _MARKER:
        raise failures.damaged()
    while content[at + 1] == _MARKER:
        at += 1
    marker = content[at + 1]
    if marker == EOI:
        return Segment(marker, at, at + 2, content[at + 2 : at + 2])
    (length,) = struct.unpack_from(">H", content, at + 2)
    if length < 2 or at + 2 + length > len(content):  # noqa: PLR2004 - the length counts its own two bytes
        raise failures.damaged()
    return Segment(marker, at, at + 2 + length, content[at + 4 : at + 2 + length])


def _data(content: memoryview, at: int) -> Segment:
    end = markers.after_scan(content, at)
    if end < 0:
        raise failures.damaged()
    return Segment(DATA, at, end, content[at:end])

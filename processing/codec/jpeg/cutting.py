"""A JPEG as it is, but for what is not to be told: nothing is decoded, segments are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from processing.codec.jpeg import carried, segments
from processing.codec.jpeg.encoder import Carried
from processing.codec.jpeg.facts import JFIF, Facts
from processing.codec.jpeg.segments import Segment
from processing.probe.orientation import UPRIGHT

_JFIF_BYTES, _ADOBE_BYTES = 12, 12
_NO_THUMBNAIL: Final = b"\0\0"


def cut(content: memoryview, facts: Facts, along: Carried) -> bytes:
    """The same picture, with `along` in place of what applications wrote, and without what follows its end.

    How it lies stays said, as it is not turned.

    Raises:
        CompressionError: It has no end.
    """
    pieces = list(segments.walk(content))
    formats = (kept for piece in pieces for kept in _format(piece))
    said = (segments.written(marker, body) for marker, body in _told(facts, along))
    picture = (content[piece.begin : piece.end] for piece in pieces if not piece.is_metadata)
    return b"".join([content[:2], *formats, *said, *picture])


def _format(piece: Segment) -> Iterator[bytes]:
    """What is metadata by its marker, but says how the picture is coded."""
    body = bytes(piece.body)
    if piece.marker == segments.APP0 and body.startswith(JFIF):
        yield segments.written(piece.marker, body[:_JFIF_BYTES] + _NO_THUMBNAIL)
    elif piece.marker == segments.APP14 and body.startswith(segments.ADOBE):
        yield segments.written(piece.marker, body[:_ADOBE_BYTES])


def _told(facts: Facts, along: Carried) -> Iterator[tuple[int, bytes]]:
    if facts.orientation == UPRIGHT:
        yield from along
        return
    yield segments.APP1, carried.how_it_lies(facts.orientation)
    yield from ((marker, body) for marker, body in along if not body.startswith(segments.EXIF))

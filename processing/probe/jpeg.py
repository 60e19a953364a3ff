"""JPEG: segments and entropy-coded data up to the end marker.

Source: ITU-T T.81, Annex B.
"""

from __future__ import annotations

import struct
from typing import Final

import errors
from processing.probe import markers, orientation
from processing.probe.base import Limits, Probed
from processing.probe.reader import Reader, Steps

MEDIA_TYPE: Final = "image/jpeg"

MAX_SCANS: Final = 100
"""As in libvips: each scan costs the decoder a pass over the whole picture, and real files have about ten."""

_START, _END, _SCAN, _EXIF, _FILL = 0xD8, 0xD9, 0xDA, 0xE1, 0xFF
_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a segment
_FRAME_HEADERS: Final = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB))
_HIERARCHICAL: Final = frozenset((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE, 0xDF))
_WITH_SEGMENT: Final = _FRAME_HEADERS | {0xC4, 0xCC, _SCAN, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE}
_JPEG_LS: Final = 0xF7


def probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    """Reads from the start marker to the end marker; the thumbnail inside EXIF is a segment like any other."""
    yield from reader.skip(2)
    size: tuple[int, int] | None = None
    exif = b""
    scan_count = 0
    while (marker := (yield from _marker(reader))) != _END:
        length = yield from _segment_length(reader, marker)
        if marker in _FRAME_HEADERS:
            if size:
                raise errors.CorruptImageError("The JPEG file describes its picture twice.")
            size = yield from _size(reader, length)
            limits.check(*size)
        elif marker == _EXIF and not exif and not scan_count:
            exif = yield from _exif(reader, length)
        else:
            yield from reader.skip(length)
        if marker == _SCAN:
            scan_count += 1
            _check_scan(size, scan_count)
            yield from reader.seek(markers.after_scan)
    if size is None or not scan_count:
        raise errors.CorruptImageError("The JPEG file ends without a picture.")
    return Probed(MEDIA_TYPE, *orientation.displayed(*size, orientation.of_exif(exif)), frame_count=1)


def _marker(reader: Reader) -> Steps[int]:
    """The next marker, without the fill bytes that may stand before it."""
    if (yield from reader.take(1)) != b"\xff":
        raise errors.CorruptImageError("The JPEG file has stray bytes between its segments.")
    (marker,) = yield from reader.take(1)
    if marker == _FILL:
        yield from reader.seek(markers.after_fill)
        (marker,) = yield from reader.take(1)
    return marker


def _segment_length(reader: Reader, marker: int) -> Steps[int]:
    """How many bytes follow that belong to the marker."""
    if marker in _ALONE:
        return 0
    if marker == _JPEG_LS:
        raise errors.UnsupportedFormatError("image/jls")
    if marker in _HIERARCHICAL:
        raise errors.CorruptImageError("The JPEG file is hierarchical, which is not decoded here.")
    if marker == _START:
        raise errors.CorruptImageError("In the JPEG file a second picture begins before the first has ended.")
    if marker not in _WITH_SEGMENT:
        raise errors.CorruptImageError(f"The JPEG file has a segment of unknown kind, {marker:#04x}.")
    (length,) = struct.unpack(">H", (yield from reader.take(2)))
    if length < 2:  # noqa: PLR2004  the length counts its own two bytes
        raise errors.CorruptImageError("The JPEG file has a segment with an impossible length.")
    return int(length) - 2


def _size(reader: Reader, length: int) -> Steps[tuple[int, int]]:
    """Width and height from a frame header."""
    header = yield from reader.take(length)
    if length < 6 or length != 6 + 3 * header[5]:  # noqa: PLR2004  6 bytes, then 3 for each component
        raise errors.CorruptImageError("The JPEG file describes its picture wrongly.")
    height, width = struct.unpack_from(">HH", header, 1)
    if not width or not height or not header[5]:
        raise errors.CorruptImageError("The JPEG file says that its picture has no width, height or colour.")
    return width, height


def _exif(reader: Reader, length: int) -> Steps[bytes]:
    """The EXIF block that the segment holds, or nothing: XMP and others use the same marker."""
    segment = yield from reader.take(length)
    prefix = orientation.EXIF_PREFIX
    return segment.removeprefix(prefix) if segment.startswith(prefix) else b""


def _check_scan(size: tuple[int, int] | None, scan_count: int) -> None:
    if size is None:
        raise errors.CorruptImageError("The JPEG file's picture begins before it is described.")
    if scan_count > MAX_SCANS:
        raise errors.CorruptImageError(f"The JPEG file has more than {MAX_SCANS} scans.")

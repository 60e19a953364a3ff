"""WebP, simple, extended and animated: RIFF chunks up to the size that the file gives itself.

The canvas and the pictures inside it must agree, as libwebp demands: otherwise a small canvas could hide a large one.

Source: RFC 9649.
"""

from __future__ import annotations

import struct
from typing import Final

import errors
from processing.probe import orientation
from processing.probe.base import Limits, Probed
from processing.probe.reader import Reader, Steps

MEDIA_TYPE: Final = "image/webp"

_LOSSY, _LOSSLESS = b"VP8 ", b"VP8L"
_ANIMATED, _HAS_EXIF = 0x02, 0x08  # flags of the extended header
_LOSSLESS_SIGNATURE: Final = 0x2F
_CHUNK_HEADER_BYTES: Final = 8
_BITSTREAM_HEADER_BYTES: Final = {_LOSSY: 10, _LOSSLESS: 5}

_Size = tuple[int, int]


def probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    """Reads the file's one picture, or its canvas and what lies on it."""
    (riff_bytes,) = struct.unpack("<4xI4x", (yield from reader.take(12)))
    end = _CHUNK_HEADER_BYTES + riff_bytes
    kind, length = yield from _chunk(reader, end)
    if kind == b"VP8X":
        probed = yield from _extended(reader, end, limits, length)
    elif kind in _BITSTREAM_HEADER_BYTES:
        size = yield from _bitstream_size(reader, kind, length)
        limits.check(*size)
        probed = Probed(MEDIA_TYPE, *size, frame_count=1)
    else:
        raise errors.CorruptImageError("The WebP file does not begin with a picture.")
    yield from reader.skip_to(end)
    return probed


def _extended(reader: Reader, end: int, limits: Limits, length: int) -> Steps[Probed]:
    """Reads a canvas and the chunks after it."""
    after = reader.offset + length
    flags, canvas = yield from _canvas(reader, length)
    limits.check(*canvas)
    frame_count, turn = 0, orientation.UPRIGHT
    yield from _skip_chunk(reader, after, end)
    while reader.offset + _CHUNK_HEADER_BYTES <= end:
        kind, length = yield from _chunk(reader, end)
        after = reader.offset + length
        if kind == b"ANMF" and flags & _ANIMATED:
            frame_count += 1
            limits.check(*canvas, frame_count)
            yield from _frame(reader, after, canvas)
        elif kind in _BITSTREAM_HEADER_BYTES and not flags & _ANIMATED and not frame_count:
            frame_count = 1
            _check_same(canvas, (yield from _bitstream_size(reader, kind, length)))
        elif kind == b"EXIF" and flags & _HAS_EXIF:
            exif = yield from reader.take(min(length, orientation.MAX_EXIF_BYTES))
            turn = orientation.of_exif(exif.removeprefix(orientation.EXIF_PREFIX))
        yield from _skip_chunk(reader, after, end)
    if not frame_count:
        raise errors.CorruptImageError("The WebP file ends without a picture.")
    return Probed(MEDIA_TYPE, *orientation.displayed(*canvas, turn), frame_count)


def _chunk(reader: Reader, end: int) -> Steps[tuple[bytes, int]]:
    """The next chunk's kind and length; it must lie before `end`, where what holds it ends."""
    kind, length = struct.unpack("<4sI", (yield from reader.take(_CHUNK_HEADER_BYTES)))
    if reader.offset + length > end:
        raise errors.CorruptImageError("The WebP file has a part that is longer than the whole.")
    return kind, length


def _skip_chunk(reader: Reader, after: int, end: int) -> Steps[None]:
    """Passes over the rest of a chunk and the byte that evens its length, which some encoders leave out at the end."""
    yield from reader.skip_to(min(after + after % 2, end))


def _canvas(reader: Reader, length: int) -> Steps[tuple[int, _Size]]:
    """The flags of the extended header and the size of its canvas."""
    if length < 10:  # noqa: PLR2004  flags 4, width 3, height 3
        raise errors.CorruptImageError("The WebP file's header is too short.")
    header = yield from reader.take(10)
    return header[0], (_less_one(header[4:7]), _less_one(header[7:10]))


def _frame(reader: Reader, end: int, canvas: _Size) -> Steps[None]:
    """Reads an animation's frame up to its picture."""
    if end - reader.offset < 16:  # noqa: PLR2004  the frame's own header
        raise errors.CorruptImageError("The WebP file has a frame that is too short.")
    header = yield from reader.take(16)
    left, top = 2 * int.from_bytes(header[0:3], "little"), 2 * int.from_bytes(header[3:6], "little")
    width, height = _less_one(header[6:9]), _less_one(header[9:12])
    if left + width > canvas[0] or top + height > canvas[1]:
        raise errors.CorruptImageError("The WebP file has a frame outside its canvas.")
    while reader.offset + _CHUNK_HEADER_BYTES <= end:
        kind, length = yield from _chunk(reader, end)
        after = reader.offset + length
        if kind in _BITSTREAM_HEADER_BYTES:
            _check_same((width, height), (yield from _bitstream_size(reader, kind, length)))
            return
        yield from _skip_chunk(reader, after, end)
    raise errors.CorruptImageError("The WebP file has a frame without a picture.")


def _bitstream_size(reader: Reader, kind: bytes, length: int) -> Steps[_Size]:
    """The size that the coded picture itself states."""
    if length < _BITSTREAM_HEADER_BYTES[kind]:
        raise errors.CorruptImageError("The WebP file's picture is cut short.")
    header = yield from reader.take(_BITSTREAM_HEADER_BYTES[kind])
    if kind == _LOSSLESS:
        bits = int.from_bytes(header[1:], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        is_sound = header[0] == _LOSSLESS_SIGNATURE and not bits >> 29  # the only version is 0
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", header, 6))
        is_sound = not header[0] & 1 and header[3:6] == b"\x9d\x01\x2a" and 0 not in (width, height)
    if not is_sound:
        raise errors.CorruptImageError("The WebP file's picture does not begin as it should.")
    return width, height


def _check_same(expected: _Size, found: _Size) -> None:
    if expected != found:
        raise errors.CorruptImageError("The WebP file states two sizes for one picture.")


def _less_one(field: bytes) -> int:
    """A side that is stored as one less than it is."""
    return int.from_bytes(field, "little") + 1

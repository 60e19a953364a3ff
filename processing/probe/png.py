"""PNG and animated PNG: chunks up to IEND.

Source: W3C, Portable Network Graphics (Third Edition).
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import errors
from processing.probe import orientation
from processing.probe.base import Limits, Probed
from processing.probe.reader import Reader, Steps

MEDIA_TYPE: Final = "image/png"

_SIGNATURE_BYTES: Final = 8
_CHECKSUM_BYTES: Final = 4
_MAX_CHUNK_BYTES: Final = 2**31 - 1
_BIT_DEPTHS: Final = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}  # by colour type


def probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    """Reads the chunks; those that do not bear on size, frames or orientation are passed over."""
    yield from reader.skip(_SIGNATURE_BYTES)
    width, height = yield from _header(reader)
    limits.check(width, height)
    frame_count, turn, has_data = 1, orientation.UPRIGHT, False
    while (chunk := (yield from _chunk(reader)))[0] != b"IEND":
        kind, length = chunk
        after = reader.offset + length + _CHECKSUM_BYTES
        if kind == b"IDAT":
            has_data = True
        elif kind == b"acTL" and not has_data:
            frame_count = yield from _frame_count(reader, length)
            limits.check(width, height, frame_count)
        elif kind == b"eXIf" and not has_data:  # libvips does not look behind the pixels
            turn = orientation.of_exif((yield from reader.take(min(length, orientation.MAX_EXIF_BYTES))))
        yield from reader.skip_to(after)
    if not has_data:
        raise errors.CorruptImageError("The PNG file ends without a picture.")
    yield from reader.skip(chunk[1] + _CHECKSUM_BYTES)
    return Probed(MEDIA_TYPE, *orientation.displayed(width, height, turn), frame_count)


def _chunk(reader: Reader) -> Steps[tuple[bytes, int]]:
    """The next chunk's kind and how many bytes it holds, without the checksum after them."""
    length, kind = struct.unpack(">I4s", (yield from reader.take(8)))
    if length > _MAX_CHUNK_BYTES or not kind.isalpha():
        raise errors.CorruptImageError("The PNG file has bytes where a chunk should begin.")
    return kind, length


def _header(reader: Reader) -> Steps[tuple[int, int]]:
    """Width and height from IHDR, whose checksum is looked at since everything else rests on it."""
    kind, length = yield from _chunk(reader)
    if kind != b"IHDR" or length != 13:  # noqa: PLR2004  IHDR has one length only
        raise errors.CorruptImageError("The PNG file does not begin with its header.")
    header = yield from reader.take(length)
    (checksum,) = struct.unpack(">I", (yield from reader.take(_CHECKSUM_BYTES)))
    if zlib.crc32(kind + header) != checksum:
        raise errors.CorruptImageError("The PNG file's header does not match its checksum.")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise errors.CorruptImageError("The PNG file says that its picture has no width or height.")
    if depth not in _BIT_DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise errors.CorruptImageError("The PNG file's header asks for a coding that does not exist.")
    return width, height


def _frame_count(reader: Reader, length: int) -> Steps[int]:
    """How many frames an animated PNG announces."""
    if length != 8:  # noqa: PLR2004  acTL has one length only
        raise errors.CorruptImageError("The PNG file announces its animation wrongly.")
    frame_count, _ = struct.unpack(">II", (yield from reader.take(length)))
    if not frame_count:
        raise errors.CorruptImageError("The PNG file announces an animation without frames.")
    return int(frame_count)

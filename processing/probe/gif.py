"""GIF: blocks up to the trailer, frames counted as they come.

The limits rest on this reading and never on the decoder's: libvips calls a GIF with a screen of 65535 x 65535 1 x 1.

Source: CompuServe, Graphics Interchange Format, Version 89a.
"""

from __future__ import annotations

import struct
from typing import Final

import errors
from processing.probe.base import Limits, Probed
from processing.probe.reader import Reader, Steps

MEDIA_TYPE: Final = "image/gif"

_FRAME, _EXTENSION, _TRAILER = b",", b"!", b";"
_STRAY_TERMINATOR: Final = b"\0"  # some encoders end a block twice; every decoder forgives it


def probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    """Reads the blocks. A frame that reaches beyond the screen enlarges the picture, as it does in browsers."""
    width, height, flags = struct.unpack("<6xHHB2x", (yield from reader.take(13)))
    if width and height:
        limits.check(width, height)
    yield from _skip_colour_table(reader, flags)
    frame_count = 0
    while (block := (yield from reader.take(1))) != _TRAILER:
        if block == _FRAME:
            frame_count += 1
            left, top, frame_width, frame_height, flags = struct.unpack("<HHHHB", (yield from reader.take(9)))
            width, height = max(width, left + frame_width), max(height, top + frame_height)
            _check(limits, width, height, frame_count)
            yield from _skip_colour_table(reader, flags)
        elif block not in (_EXTENSION, _STRAY_TERMINATOR):
            raise errors.CorruptImageError("The GIF file has stray bytes between its blocks.")
        if block != _STRAY_TERMINATOR:
            yield from reader.skip(1)  # the frame's code size, or the extension's label
            yield from reader.skip_runs()
    if not frame_count:
        raise errors.CorruptImageError("The GIF file ends without a picture.")
    return Probed(MEDIA_TYPE, width, height, frame_count)


def _skip_colour_table(reader: Reader, flags: int) -> Steps[None]:
    if flags & 0x80:
        yield from reader.skip(3 << (flags & 0x07) + 1)


def _check(limits: Limits, width_px: int, height_px: int, frame_count: int) -> None:
    if not width_px or not height_px:
        raise errors.CorruptImageError("The GIF file says that its picture has no width or height.")
    limits.check(width_px, height_px, frame_count)

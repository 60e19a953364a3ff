"""What goes along with a JPEG: its colours always, and of what the camera wrote what the policy leaves.

EXIF and XMP are not cut but made anew, by `processing/metadata.py` as for everything derived: a picture of one pixel
that has the original's fields is encoded, and its segments taken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import pyvips

from models.values import MetadataPolicy
from processing import metadata, vips
from processing.codec.jpeg import profile, segments
from processing.codec.jpeg.encoder import Carried
from processing.codec.jpeg.facts import Facts
from processing.probe import orientation

_SIDES: Final = {0xA002: 0, 0xA003: 1}
"""EXIF's tags of a picture's width and height."""
_SHOT_DIRECTORY: Final = 0x8769
_ORIENTATION: Final = 0x0112
_LONG, _SHORT = 4, 3


def along(content: memoryview, facts: Facts, policy: MetadataPolicy) -> Carried:
    """What stands before the picture when it has become upright."""
    pieces = profile.carried(facts.profile, len(facts.frame.sampling))
    colours = tuple((segments.APP2, piece) for piece in pieces)
    if policy == MetadataPolicy.STRIP_ALL:
        return colours
    frame = facts.frame
    sides = orientation.displayed(frame.width_px, frame.height_px, facts.orientation)
    return tuple(_said(content, policy, sides)) + colours


def how_it_lies(number: int) -> bytes:
    """An EXIF segment's body that says nothing but the orientation."""
    entry = struct.pack("<HHIHH", _ORIENTATION, _SHORT, 1, number, 0)
    return segments.EXIF + b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


def _said(content: memoryview, policy: MetadataPolicy, sides: tuple[int, int]) -> Iterator[tuple[int, bytes]]:
    try:
        encoded = metadata.encoded(_pixel(content), ".jpg", policy)
    except pyvips.Error:  # the picture's own reader says what is wrong with it
        return
    for segment in segments.walk(memoryview(encoded)):
        body = bytes(segment.body)
        if segment.marker == segments.APP1:
            yield segment.marker, _with_sides(body, sides) if body.startswith(segments.EXIF) else body


def _pixel(content: memoryview) -> Any:
    """One pixel with all fields that the picture has beside its own."""
    original = vips.opened(bytes(content))
    pixel = pyvips.Image.black(1, 1).copy()
    for field in vips.fields(original):
        kind = original.get_typeof(field)
        if field.startswith(("exif-", "xmp-")):
            pixel.set_type(kind, field, original.get(field))
    return pixel


def _with_sides(body: bytes, sides: tuple[int, int]) -> bytes:
    """EXIF as libvips writes it, which says the pixel's width and height, with those of the picture."""
    exif = bytearray(body)
    order = "<" if exif[6:8] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", exif, 10)
    for tag, _, value in _entries(exif, order, 6 + first):
        if tag == _SHOT_DIRECTORY:
            (shot,) = struct.unpack_from(f"{order}I", exif, value)
            for side, kind, place in _entries(exif, order, 6 + shot):
                if side in _SIDES:
                    struct.pack_into(
                        order + ("I" if kind == _LONG else "H"), exif, place, sides[_SIDES[side]]
                    )
    return bytes(exif)


def _entries(exif: bytearray, order: str, at: int) -> Iterator[tuple[int, int, int]]:
    """A directory's tags, each with its kind and where its value stands."""
    (count,) = struct.unpack_from(f"{order}H", exif, at)
    for number in range(count):
        entry = at + 2 + 12 * number
        yield *struct.unpack_from(f"{order}HH", exif, entry), entry + 8

"""Which way up a picture is shown: EXIF's orientation tag, read from the bytes of an EXIF block."""

from __future__ import annotations

import struct
from typing import Final

UPRIGHT: Final = 1
EXIF_PREFIX: Final = b"Exif\0\0"
"""Stands before the block in JPEG, sometimes in WebP, never in PNG."""
MAX_EXIF_BYTES: Final = 65_536
"""How much of an EXIF block is looked at; JPEG allows no larger one."""

_ORIENTATION_TAG: Final = 0x0112
_VALUE_FORMATS: Final = {3: "H", 4: "I"}  # the standard says SHORT; LONG is read too, as libvips does
_ENTRY_BYTES: Final = 12
_VALUE_OFFSET: Final = 8
_LAST_ORIENTATION: Final = 8
_FIRST_SIDEWAYS: Final = 5


def of_exif(tiff: bytes) -> int:
    """The orientation, 1 to 8; 1 if the block has none or makes no sense, as every viewer takes it.

    Args:
        tiff: An EXIF block without `EXIF_PREFIX`.

    Source: Exif 2.32, 4.6.4 A (the tag) and TIFF 6.0, section 2 (the structure).
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        value = _value(tiff, order)
    except struct.error:  # cut short
        return UPRIGHT
    return value if UPRIGHT <= value <= _LAST_ORIENTATION else UPRIGHT


def _value(tiff: bytes, order: str) -> int:
    """What the first directory says, 0 if nothing."""
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entry_count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for number in range(entry_count):
        entry = directory + 2 + number * _ENTRY_BYTES
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if tag == _ORIENTATION_TAG and kind in _VALUE_FORMATS:
            return int(struct.unpack_from(order + _VALUE_FORMATS[kind], tiff, entry + _VALUE_OFFSET)[0])
    return 0


def displayed(width_px: int, height_px: int, orientation: int) -> tuple[int, int]:
    """The sides as shown: 5 to 8 lie on their side."""
    return (height_px, width_px) if orientation >= _FIRST_SIDEWAYS else (width_px, height_px)

"""An AVIF as it is, with zeros where its metadata lies: every offset in it stays true.

Source: ISO/IEC 14496-12, 8.11.3 (`iloc`) and 8.11.6 (`iinf`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import errors
from processing.codec import failures
from processing.probe.boxes import BOX_HEADER_BYTES, Fields, boxes

_NEEDED: Final = frozenset((b"ftyp", b"meta", b"moov", b"mdat"))
_KNOWN: Final = _NEEDED | frozenset(
    (b"styp", b"moof", b"idat", b"free", b"skip", b"uuid", b"sidx", b"mfra", b"meco")
)
_EMPTY: Final = frozenset((b"free", b"skip", b"uuid"))
_METADATA: Final = frozenset((b"Exif", b"mime", b"uri "))
_VERSION_BYTES: Final = 4
_ID_GREW: Final = 2
"""From this version of `iloc`, and above it of `infe`, an item's number has four bytes."""


def original(content: memoryview, *, keeps_all: bool) -> bytes:
    """The same picture; what lies behind the last box that it needs does not come along.

    Raises:
        CompressionError: Its boxes do not add up.
    """
    try:
        tops = list(_tops(content))
        made = bytearray(content[: max(end for kind, _, end in tops if kind not in _EMPTY)])
        for begin, end in [] if keeps_all else list(_told(content, tops)):
            made[begin:end] = bytes(len(made[begin:end]))
    except (errors.CorruptImageError, ValueError) as error:
        raise failures.damaged() from error
    return bytes(made)


def _tops(content: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """The outermost boxes: kind, begin and end of what is in them."""
    at = 0
    while at + BOX_HEADER_BYTES <= len(content) and bytes(content[at + 4 : at + 8]) in _KNOWN:
        size, header = int.from_bytes(content[at : at + 4], "big"), BOX_HEADER_BYTES
        if size == 1:
            size, header = int.from_bytes(content[at + 8 : at + 16], "big"), 2 * BOX_HEADER_BYTES
        end = min(len(content), at + size) if size else len(content)
        if end < at + header:
            return
        yield bytes(content[at + 4 : at + 8]), at + header, end
        at = end


def _told(content: memoryview, tops: list[tuple[bytes, int, int]]) -> Iterator[tuple[int, int]]:
    """Where something lies that is no picture."""
    for kind, begin, end in tops:
        if kind == b"meta":
            yield from _told_by_items(content[begin + _VERSION_BYTES : end], begin + _VERSION_BYTES)
        elif kind not in _NEEDED:
            yield begin, end


def _told_by_items(meta: memoryview, meta_begin: int) -> Iterator[tuple[int, int]]:
    parts, data_begin, at = {}, 0, meta_begin
    for kind, inside in boxes(meta):
        at += BOX_HEADER_BYTES
        parts[kind], data_begin = inside, at if kind == b"idat" else data_begin
        at += len(inside)
    if b"iinf" not in parts or b"iloc" not in parts:
        return
    told = set(_metadata_items(parts[b"iinf"]))
    for item, is_within, offset, length in _extents(Fields(parts[b"iloc"])):
        if item in told:
            begin = offset + (data_begin if is_within else 0)
            yield begin, begin + length


def _metadata_items(iinf: memoryview) -> Iterator[int]:
    fields = Fields(iinf)
    version, _ = fields.version_and_flags()
    fields.number(4 if version else 2)
    for kind, inside in boxes(fields.rest):
        if kind == b"infe":
            entry = Fields(inside)
            version, _ = entry.version_and_flags()
            number = entry.number(4 if version > _ID_GREW else 2)
            entry.take(2)
            if entry.take(4) in _METADATA:
                yield number


def _extents(fields: Fields) -> Iterator[tuple[int, bool, int, int]]:
    """Of every item: its number, whether it lies within `meta`, where a part of it begins, and how long that is."""
    version, _ = fields.version_and_flags()
    packed = fields.number(2)
    offset_bytes, length_bytes, base_bytes, index_bytes = (packed >> shift & 15 for shift in (12, 8, 4, 0))
    id_bytes = 4 if version >= _ID_GREW else 2
    for _ in range(fields.number(id_bytes)):
        item = fields.number(id_bytes)
        is_within = bool(version and fields.number(2) & 15)
        fields.take(2)
        base = fields.number(base_bytes)
        for _ in range(fields.number(2)):
            fields.take(index_bytes if version else 0)
            offset = base + fields.number(offset_bytes)
            yield item, is_within, offset, fields.number(length_bytes)

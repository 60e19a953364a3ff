"""AVIF's `meta` box: which item is the picture, how large it is, which way up, and where its bytes end.

Source: ISO/IEC 14496-12, 8.11, and ISO/IEC 23008-12, 6.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import errors
from processing.probe.base import Limits
from processing.probe.boxes import Fields, boxes, broken, find

_FIELD_WIDTHS: Final = (0, 4, 8)
_IN_FILE, _IN_META = 0, 1  # where an extent's bytes lie
_HEVC: Final = frozenset((b"hvc1", b"hev1", b"lhv1"))


@dataclass(frozen=True)
class Still:
    """What `meta` says of the primary item; the sides are as displayed."""

    width_px: int
    height_px: int
    data_end: int
    """Where in the file the last byte lies that any item needs, plus one."""


def read(meta: memoryview, limits: Limits) -> Still:
    """What the content of a `meta` box says.

    Every item is held to the limits: an alpha plane or a tile is decoded just as the picture is.

    Raises:
        UnsupportedFormatError: No item is coded as AV1.
        CorruptImageError: The box does not add up, or the picture has no size.
        ImageTooLargeError: An item has too many pixels.
    """
    parts = dict(boxes(_after_version(meta)))
    _check_coding(parts.get(b"iinf"))
    properties = list(boxes(find(parts.get(b"iprp", memoryview(b"")), b"ipco") or memoryview(b"")))
    for kind, content in properties:
        if kind == b"ispe":
            limits.check(*_sides(content))
    own = _properties_of(_primary_item(parts.get(b"pitm")), parts.get(b"iprp"), properties)
    if b"ispe" not in own:
        raise errors.CorruptImageError("The AVIF file does not say how large its picture is.")
    width, height = _turned(*_cropped(*_sides(own[b"ispe"]), own.get(b"clap")), own.get(b"irot"))
    return Still(width, height, _data_end(parts.get(b"iloc"), parts.get(b"idat")))


def _after_version(content: memoryview) -> memoryview:
    fields = Fields(content)
    fields.version_and_flags()
    return fields.rest


def _check_coding(iinf: memoryview | None) -> None:
    """Makes sure that there is an AV1 item: HEIC describes itself in just the same way."""
    if iinf is None:
        raise broken()
    fields = Fields(iinf)
    version, _ = fields.version_and_flags()
    fields.number(4 if version else 2)
    kinds = {_item_kind(content) for kind, content in boxes(fields.rest) if kind == b"infe"}
    if b"av01" not in kinds:
        raise errors.UnsupportedFormatError("image/heic" if kinds & _HEVC else "image/heif")


def _item_kind(infe: memoryview) -> bytes:
    fields = Fields(infe)
    version, _ = fields.version_and_flags()
    fields.take(4 if version > 2 else 2)  # noqa: PLR2004  the id grew in version 3
    fields.take(2)
    return fields.take(4)


def _primary_item(pitm: memoryview | None) -> int:
    if pitm is None:
        raise errors.CorruptImageError("The AVIF file does not say which of its items is the picture.")
    fields = Fields(pitm)
    version, _ = fields.version_and_flags()
    return fields.number(4 if version else 2)


def _properties_of(
    item: int, iprp: memoryview | None, properties: list[tuple[bytes, memoryview]]
) -> dict[bytes, memoryview]:
    """The properties that belong to `item`, by kind."""
    own: dict[bytes, memoryview] = {}
    for kind, content in boxes(iprp or memoryview(b"")):
        if kind == b"ipma":
            for index in _associations(Fields(content), item):
                if not 0 < index <= len(properties):
                    raise broken()
                own.setdefault(*properties[index - 1])
    return own


def _associations(fields: Fields, item: int) -> list[int]:
    """The positions, from 1, of the properties that an `ipma` box gives to `item`."""
    version, flags = fields.version_and_flags()
    width, essential = (2, 0x8000) if flags & 1 else (1, 0x80)
    for _ in range(fields.number(4)):
        found = fields.number(4 if version else 2) == item
        indices = Fields(memoryview(fields.take(fields.number(1) * width)))
        if found:
            numbers = (indices.number(width) for _ in range(len(indices.rest) // width))
            return [number & ~essential for number in numbers if number & ~essential]
    return []


def _sides(ispe: memoryview) -> tuple[int, int]:
    fields = Fields(_after_version(ispe))
    width, height = fields.number(4), fields.number(4)
    if not width or not height:
        raise errors.CorruptImageError("The AVIF file says that its picture has no width or height.")
    return width, height


def _cropped(width: int, height: int, clap: memoryview | None) -> tuple[int, int]:
    """The sides that a clean aperture leaves over; one that makes no sense is passed over."""
    if clap is None:
        return width, height
    fields = Fields(clap)
    across, across_by, down, down_by = (fields.number(4) for _ in range(4))
    if (
        not across_by
        or not down_by
        or not 0 < across // across_by <= width
        or not 0 < down // down_by <= height
    ):
        return width, height
    return across // across_by, down // down_by


def _turned(width: int, height: int, irot: memoryview | None) -> tuple[int, int]:
    """The sides after quarter turns; an odd number of them swaps the two."""
    return (height, width) if irot and irot[0] & 1 else (width, height)


def _data_end(iloc: memoryview | None, idat: memoryview | None) -> int:
    """The largest end of any extent in the file; extents inside `meta` itself must lie within `idat`."""
    if iloc is None:
        raise errors.CorruptImageError("The AVIF file does not say where its picture lies.")
    fields = Fields(iloc)
    version, _ = fields.version_and_flags()
    widths = _Widths.read(fields, version)
    data_end = 0
    for _ in range(fields.number(widths.item)):
        construction, end = _item_end(fields, version, widths)
        if construction == _IN_FILE:
            data_end = max(data_end, end)
        elif construction == _IN_META and end > len(idat or b""):
            raise broken()
    return data_end


class _Widths(NamedTuple):
    """How many bytes each field of `iloc` takes."""

    item: int
    offset: int
    length: int
    base: int
    extent_index: int

    @classmethod
    def read(cls, fields: Fields, version: int) -> _Widths:
        packed = fields.number(2)
        offset, length, base, index = (packed >> shift & 15 for shift in (12, 8, 4, 0))
        widths = cls(4 if version > 1 else 2, offset, length, base, index if version else 0)
        if not set(widths[1:]) <= set(_FIELD_WIDTHS):
            raise broken()
        return widths


def _item_end(fields: Fields, version: int, widths: _Widths) -> tuple[int, int]:
    """Where an item's bytes lie, and the largest end of its extents."""
    fields.take(widths.item)
    construction = fields.number(2) & 15 if version else _IN_FILE
    fields.take(2)  # which file; never another than this one
    base = fields.number(widths.base)
    end = base
    for _ in range(fields.number(2)):
        fields.take(widths.extent_index)
        end = max(end, base + fields.number(widths.offset) + fields.number(widths.length))
    return construction, end

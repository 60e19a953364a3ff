"""AVIF, still and moving: boxes up to the last byte that the picture needs.

AVIF has no end marker. The file is whole when `meta` (and `moov`, for a sequence) has been read, every extent that
`meta` names lies within the file and no box is cut short.

Source: AV1 Image File Format, v1.1.0, and ISO/IEC 14496-12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import errors
from processing.probe import foreign, still
from processing.probe.base import Limits, Probed
from processing.probe.boxes import BOX_HEADER_BYTES, Fields, boxes, broken, find
from processing.probe.reader import Reader, Steps

MEDIA_TYPE: Final = "image/avif"

MAX_DESCRIPTION_BYTES: Final = 1_048_576
"""`meta` and `moov` are read whole; larger ones are refused."""

_AVIF, _SEQUENCE = b"avif", b"avis"
_GENERAL_BRANDS: Final = frozenset((b"mif1", b"mif2", b"msf1", b"miaf"))  # HEIC has them too: `meta` decides
_TOP_LEVEL: Final = frozenset(b"ftyp styp meta moov moof mdat idat free skip uuid sidx mfra meco".split())
_LARGE_SIZE: Final = 1  # the real size follows, in 8 bytes
_MAX_BRANDS_BYTES: Final = 4096


class _Description:
    """What the boxes read so far say."""

    def __init__(self, limits: Limits, brands: list[bytes]) -> None:
        self._limits = limits
        self._is_sequence = _SEQUENCE in brands
        self._needs_tracks = brands[0] == _SEQUENCE  # else a still picture that has a sequence beside it
        self._still: still.Still | None = None
        self._tracks: list[tuple[int, int, int]] = []

    def read_meta(self, content: memoryview) -> None:
        self._still = self._still or still.read(content, self._limits)
        self._check()

    def read_moov(self, content: memoryview) -> None:
        self._tracks = list(_tracks(content))
        self._check()

    def is_whole(self, offset: int) -> bool:
        """Whether the picture is complete in the bytes before `offset`."""
        if self._still is None or self._needs_tracks:
            return bool(self._tracks) and (self._still is None or self._still.data_end <= offset)
        return self._still.data_end <= offset

    def probed(self) -> Probed:
        """The still picture's sides, else the first track's, as `moov` alone can hold a sequence."""
        width, height = (self._still.width_px, self._still.height_px) if self._still else self._tracks[0][:2]
        return Probed(MEDIA_TYPE, width, height, self._frame_count())

    def _frame_count(self) -> int:
        return max((frames for *_, frames in self._tracks), default=1) if self._is_sequence else 1

    def _check(self) -> None:
        for width, height, frame_count in self._tracks:
            self._limits.check(width, height, frame_count if self._is_sequence else 1)
        if self._still:
            self._limits.check(self._still.width_px, self._still.height_px, self._frame_count())


def probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    """Reads the boxes; once the picture is whole, what is not a box any more is ignored like bytes after an end."""
    description = _Description(limits, (yield from _brands(reader)))
    while head := (yield from reader.peek(BOX_HEADER_BYTES)):
        kind = head[4:]
        if kind not in _TOP_LEVEL and description.is_whole(reader.offset):
            return description.probed()
        content_bytes = yield from _content_bytes(reader)
        if content_bytes is None:
            yield from reader.skip_to_end()
        elif kind in (b"meta", b"moov"):
            if content_bytes > MAX_DESCRIPTION_BYTES:
                raise errors.CorruptImageError("The AVIF file describes its picture in more than 1 MiB.")
            content = memoryview((yield from reader.take(content_bytes)))
            (description.read_meta if kind == b"meta" else description.read_moov)(content)
        else:
            yield from reader.skip(content_bytes)
    if not description.is_whole(reader.offset):
        raise errors.CorruptImageError("The AVIF file is cut short: parts of its picture are missing.")
    return description.probed()


def _brands(reader: Reader) -> Steps[list[bytes]]:
    """The brands in `ftyp`, the major one first, when they are of a picture that may be AVIF."""
    content_bytes = yield from _content_bytes(reader)
    if content_bytes is None or not 8 <= content_bytes <= _MAX_BRANDS_BYTES:  # noqa: PLR2004  brand and version
        raise errors.UnsupportedFormatError
    content = yield from reader.peek(content_bytes)
    brands = [content[:4], *(content[at : at + 4] for at in range(8, len(content), 4))]
    if _AVIF not in brands and _SEQUENCE not in brands:
        name = foreign.media_type_of_brands(brands)
        if name or _GENERAL_BRANDS.isdisjoint(brands):
            raise errors.UnsupportedFormatError(name)
    yield from reader.skip(content_bytes)
    return brands


def _content_bytes(reader: Reader) -> Steps[int | None]:
    """Passes over a box's header and says how much it holds; None: all that is left of the file."""
    (size,) = struct.unpack(">I4x", (yield from reader.take(BOX_HEADER_BYTES)))
    header_bytes = BOX_HEADER_BYTES
    if size == 0:
        return None
    if size == _LARGE_SIZE:
        (size,) = struct.unpack(">Q", (yield from reader.take(8)))
        header_bytes += 8
    if size < header_bytes:
        raise errors.CorruptImageError("The AVIF file has a box of impossible size.")
    return int(size) - header_bytes


def _tracks(moov: memoryview) -> Iterator[tuple[int, int, int]]:
    """Width, height and frame count of each track that is coded as AV1 and has frames."""
    for kind, track in boxes(moov):
        table = find(track, b"mdia", b"minf", b"stbl") if kind == b"trak" else None
        description = find(table, b"stsd") if table else None
        sizes = find(table, b"stsz") if table else None
        if description and sizes:
            fields = Fields(description)
            fields.take(8)  # version, flags, count of the entries
            entry = find(fields.rest, b"av01")
            if entry and (frame_count := _sample_count(Fields(sizes))):
                yield *_track_sides(Fields(entry)), frame_count


def _track_sides(entry: Fields) -> tuple[int, int]:
    entry.take(24)  # what every visual entry begins with
    width, height = entry.number(2), entry.number(2)
    if not width or not height:
        raise broken()
    return width, height


def _sample_count(sizes: Fields) -> int:
    sizes.version_and_flags()
    sizes.take(4)  # the size that all samples share, or 0
    return sizes.number(4)

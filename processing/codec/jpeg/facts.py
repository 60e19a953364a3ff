"""What a JPEG's segments say of it, up to its first scan; nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from processing.codec import failures
from processing.codec.jpeg import quantisation, segments
from processing.codec.jpeg.quantisation import COEFFICIENTS, ZIGZAG, Table, Tables
from processing.codec.jpeg.segments import Segment
from processing.probe import orientation

Sampling = tuple[tuple[int, int], ...]
"""How often each component is sampled, across and down, in the smallest square that all of them fill."""

QUARTER: Final = ((2, 2), (1, 1), (1, 1))
"""4:2:0: colours at half the width and half the height."""

_BASELINE, _EXTENDED, _PROGRESSIVE = 0xC0, 0xC1, 0xC2
_FRAMES: Final = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
_HUFFMAN_FRAMES: Final = (_BASELINE, _EXTENDED, _PROGRESSIVE)
_PRECISION_BITS: Final = 8
_GREY, _COLOUR = 1, 3
_YCC_TRANSFORM: Final = 1
JFIF: Final = b"JFIF\0"
_FIRST_LYING: Final = 5
_RGB_NAMES: Final = b"RGB"


@dataclass(frozen=True)
class Frame:
    """A picture's size as it is stored, and how its components are sampled."""

    width_px: int
    height_px: int
    sampling: Sampling

    @property
    def widest(self) -> tuple[int, int]:
        """The most samples across, and the most down."""
        return max(across for across, _ in self.sampling), max(down for _, down in self.sampling)

    def turned(self) -> Frame:
        """The same picture on its side."""
        return Frame(self.height_px, self.width_px, tuple((down, across) for across, down in self.sampling))


@dataclass(frozen=True)
class Facts:
    """All that decides how a JPEG is made smaller.

    `is_plain`: eight bits, Huffman-coded, grey or YCbCr, each component sampled a whole number of times more often than
    the others: what libjpeg reads as planes. `steps` are its quantisation tables, one for each component. `profile`
    are the segments of its colour profile, without the marker.
    """

    frame: Frame
    is_plain: bool
    is_progressive: bool
    orientation: int
    steps: tuple[Table, ...]
    profile: tuple[bytes, ...]

    @property
    def lies_on_its_side(self) -> bool:
        """Whether its rows are columns where it is shown."""
        return self.orientation >= _FIRST_LYING

    def as_stored(self, upright: Tables) -> Tables:
        """Tables that are wanted for the upright picture, as it lies."""
        return quantisation.turned(upright) if self.lies_on_its_side else upright

    def nowhere_finer(self, upright: Tables) -> Tables:
        """The same, but coarser where its own are: a step finer than that keeps nothing more. So what was made in this
        way is made so again without any change.
        """
        luma, chroma = self.as_stored(upright)
        return np.maximum(luma, self.steps[0]), np.maximum.reduce([chroma, *self.steps[1:]])


@dataclass
class _Seen:
    header: Segment | None = None
    tables: dict[int, Table] = field(default_factory=dict)
    exif: bytes | None = None
    profile: list[bytes] = field(default_factory=list)
    transform: int | None = None
    is_jfif: bool = False


def inspect(content: memoryview) -> Facts:
    """What the markers say.

    Raises:
        CompressionError: They make no sense.
    """
    seen = _Seen()
    try:
        for segment in segments.walk(content):
            if segment.marker == segments.SOS:
                return _facts(seen)
            _note(seen, segment)
    except (IndexError, struct.error, ValueError) as error:
        raise failures.damaged() from error
    raise failures.damaged()


def _note(seen: _Seen, segment: Segment) -> None:
    marker, body = segment.marker, segment.body
    if marker in _FRAMES:
        if seen.header:
            raise failures.damaged()
        seen.header = segment
    elif marker == segments.DQT:
        seen.tables |= _tables(body)
    elif marker == segments.APP0 and bytes(body[:5]) == JFIF:
        seen.is_jfif = True
    elif marker == segments.APP1 and bytes(body[:6]) == segments.EXIF:
        seen.exif = bytes(body[6:]) if seen.exif is None else seen.exif
    elif marker == segments.APP2 and bytes(body[:12]) == segments.ICC:
        seen.profile.append(bytes(body))
    elif marker == segments.APP14 and bytes(body[:5]) == segments.ADOBE:
        seen.transform = body[11]


def _tables(body: memoryview) -> dict[int, Table]:
    """The quantisation tables that a segment defines, by number."""
    found, at = {}, 0
    while at < len(body):
        is_wide, number = divmod(body[at], 16)
        steps = np.frombuffer(body, ">u2" if is_wide else np.uint8, COEFFICIENTS, at + 1)
        found[number] = np.empty(COEFFICIENTS, np.int32)
        found[number][ZIGZAG] = steps
        at += 1 + steps.nbytes
    return found


def _facts(seen: _Seen) -> Facts:
    if seen.header is None:
        raise failures.damaged()
    body = seen.header.body
    precision, height_px, width_px, count = struct.unpack_from(">BHHB", body)
    parts = [bytes(body[6 + 3 * number : 9 + 3 * number]) for number in range(count)]
    sampling = tuple(divmod(part[1], 16) for part in parts)
    if not (width_px and height_px and parts and all(across and down for across, down in sampling)):
        raise failures.damaged()
    frame = Frame(width_px, height_px, sampling)
    is_coded_so = seen.header.marker in _HUFFMAN_FRAMES and precision == _PRECISION_BITS
    return Facts(
        frame=frame,
        is_plain=is_coded_so and _is_even(frame) and _has_planes(seen, bytes(part[0] for part in parts)),
        is_progressive=seen.header.marker == _PROGRESSIVE,
        orientation=orientation.of_exif(seen.exif or b""),
        steps=_steps(seen, parts),
        profile=tuple(seen.profile),
    )


def _is_even(frame: Frame) -> bool:
    """Whether the first component is sampled most often, and the others by whole fractions of that."""
    across, down = frame.widest
    return frame.sampling[0] == (across, down) and not any(
        across % horizontal or down % vertical for horizontal, vertical in frame.sampling
    )


def _has_planes(seen: _Seen, names: bytes) -> bool:
    """Whether libjpeg takes it for grey or for YCbCr. Source: `default_decompress_parms` in `jdapimin.c`."""
    if len(names) != _COLOUR:
        return len(names) == _GREY
    if seen.is_jfif:
        return True
    return seen.transform == _YCC_TRANSFORM if seen.transform is not None else names != _RGB_NAMES


def _steps(seen: _Seen, parts: Sequence[bytes]) -> tuple[Table, ...]:
    if not all(part[2] in seen.tables for part in parts):
        return ()
    return tuple(seen.tables[part[2]] for part in parts)

"""Whether a colour profile may be left out without changing a colour, and whether it says anything at all.

What a profile is called proves nothing: its three colorants and its curve decide.

Source: ICC.1:2022, 7.2 (header), 7.3 (tag table), 10.6 (curveType), 10.18 (parametricCurveType), 10.31 (XYZType).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

HEAD_BYTES: Final = 14
"""What stands before the profile's bytes in each of its segments: the name, the piece's number, how many there are."""

_HEADER_BYTES, _MAX_TAGS = 128, 100
_COLOUR_SPACES: Final = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
_COLORANTS: Final = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7139),
}
"""Of sRGB, as seen by the light of a profile."""
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC")
_NEEDED: Final = ((b"rXYZ", b"gXYZ", b"bXYZ"), (b"A2B0",), (b"kTRC",))
"""One of these groups makes colours of numbers."""
_COLORANT_TOLERANCE, _CURVE_TOLERANCE = 0.004, 0.008
_HALF_IN_SRGB: Final = 0.2140
_GAMMA_ONLY: Final = 1


def carried(pieces: Sequence[bytes], components: int) -> tuple[bytes, ...]:
    """The same pieces; none of a profile that is sRGB's, or that makes no sense for so many components."""
    profile = b"".join(
        piece[HEAD_BYTES:] for piece in sorted(pieces, key=lambda piece: piece[HEAD_BYTES - 2])
    )
    tags = _tags(profile)
    makes_sense = profile[16:20] == _COLOUR_SPACES.get(components) and any(
        all(name in tags for name in group) for group in _NEEDED
    )
    return tuple(pieces) if makes_sense and not _is_srgb(tags) else ()


def _tags(profile: bytes) -> dict[bytes, bytes]:
    try:
        (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
        entries = [
            struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * number)
            for number in range(min(count, _MAX_TAGS))
        ]
    except struct.error:  # cut short
        return {}
    return {name: profile[begin : begin + size] for name, begin, size in entries}


def _is_srgb(tags: dict[bytes, bytes]) -> bool:
    try:
        return all(_is_colorant(tags[name], wanted) for name, wanted in _COLORANTS.items()) and all(
            abs(_at_half(tags[name]) - _HALF_IN_SRGB) < _CURVE_TOLERANCE for name in _CURVES
        )
    except (KeyError, struct.error):
        return False


def _is_colorant(element: bytes, wanted: tuple[float, float, float]) -> bool:
    found = [number / 65536 for number in struct.unpack_from(">3i", element, 8)]
    return all(abs(is_ - should) < _COLORANT_TOLERANCE for is_, should in zip(found, wanted, strict=True))


def _at_half(curve: bytes) -> float:
    """How much light half of the largest number means, 0 to 1."""
    if curve[:4] == b"para":
        (kind,) = struct.unpack_from(">H", curve, 8)
        gamma, *rest = (
            number / 65536 for number in struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind % 5]}i", curve, 12)
        )
        scale, offset = (rest[0], rest[1]) if rest else (1.0, 0.0)
        return float(max(0.0, scale / 2 + offset) ** gamma)
    (count,) = struct.unpack_from(">I", curve, 8)
    if count == _GAMMA_ONLY:
        return float(0.5 ** (struct.unpack_from(">H", curve, 12)[0] / 256))
    if count == 0:
        return 0.5
    return float(struct.unpack_from(">H", curve, 12 + 2 * ((count - 1) // 2))[0] / 65535)

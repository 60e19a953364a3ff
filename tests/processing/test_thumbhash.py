"""Hashes are the reference implementation's, byte for byte."""

from __future__ import annotations

import pytest

from processing import thumbhash


def pattern(width_px, height_px, *, transparent=False):
    """A picture without symmetries: no wave of it is exactly zero, where rounding could go either way."""
    return bytes(
        channel % 256
        for y in range(height_px)
        for x in range(width_px)
        for channel in (x * x + 7 * y, 3 * x * y + x, y * y + 5 * x, x * y + 90 if transparent else 255)
    )


@pytest.mark.parametrize(
    ("width_px", "height_px", "transparent", "expected"),
    [
        (40, 30, False, "de1706158430444401437624872995736fb2f87c93"),
        (30, 40, False, "de17060d0241553254055358966247681bf3f8ce16"),
        (50, 50, False, "df07020f0210335434756603425463788434a5180facaf04"),
        (40, 30, True, "2008820c8208424200431448f43469cf578954823350212302"),
    ],
)
def test_a_hash_is_the_references(width_px, height_px, transparent, expected):
    made = thumbhash.encode(width_px, height_px, pattern(width_px, height_px, transparent=transparent))

    assert made.hex() == expected


@pytest.mark.parametrize(("width_px", "height_px"), [(1, 1), (1, 100), (100, 1)])
@pytest.mark.parametrize("pixel", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x10\x80\xf0\x01"])
def test_a_picture_of_any_shape_and_one_colour_has_a_hash(width_px, height_px, pixel):
    assert 5 <= len(thumbhash.encode(width_px, height_px, pixel * width_px * height_px)) <= 30


def test_a_picture_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="101"):
        thumbhash.encode(101, 1, bytes(404))

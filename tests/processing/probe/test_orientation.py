import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.probe import orientation
from tests import pictures

TIFF = pictures.exif(orientation=6, gps=True).removeprefix(b"Exif\0\0")


def big_endian(value, kind=3):
    field = struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">I", value)
    return b"MM\0*" + struct.pack(">IHHHI", 8, 1, 0x0112, kind, 1) + field + bytes(4)


@pytest.mark.parametrize("value", range(1, 9))
def test_the_tag_is_read_in_both_byte_orders(value):
    assert orientation.of_exif(pictures.exif(orientation=value).removeprefix(b"Exif\0\0")) == value
    assert orientation.of_exif(big_endian(value)) == value


def test_a_tag_written_as_a_long_number_is_read_as_libvips_does():
    assert orientation.of_exif(big_endian(6, kind=4)) == 6


@pytest.mark.parametrize(
    "block",
    [b"", b"II*\0", b"XX*\0" + TIFF[4:], TIFF[:12], big_endian(0), big_endian(9), big_endian(6, kind=7)],
)
def test_a_block_that_makes_no_sense_is_upright(block):
    assert orientation.of_exif(block) == orientation.UPRIGHT


def test_a_directory_beyond_the_block_is_upright():
    assert orientation.of_exif(b"II*\0\xff\xff\xff\xff" + TIFF[8:]) == orientation.UPRIGHT


@given(st.integers(0, len(TIFF) - 1), st.binary(max_size=9))
def test_a_damaged_block_gives_some_orientation(start, garbage):
    assert 1 <= orientation.of_exif(TIFF[:start] + garbage + TIFF[start + 9 :]) <= 8

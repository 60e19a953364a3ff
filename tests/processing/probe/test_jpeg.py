import struct

import pytest

import errors
from processing.probe import jpeg
from tests import pictures
from tests.processing.probe import files

PICTURE = pictures.jpeg()
SCAN = PICTURE.index(b"\xff\xda")
HEADER, SCANNED = PICTURE[:SCAN], PICTURE[SCAN:]
FRAME_HEADER = PICTURE.index(b"\xff\xc0")


def with_height(height_px):
    at = FRAME_HEADER + 5
    return PICTURE[:at] + struct.pack(">H", height_px) + PICTURE[at + 2 :]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_sides_are_those_that_the_orientation_shows(orientation):
    probed = files.probe(pictures.jpeg(64, 48, orientation=orientation))
    assert (probed.width_px, probed.height_px) == ((48, 64) if orientation >= 5 else (64, 48))


def test_the_first_exif_block_decides_as_in_libvips():
    twice = pictures.with_exif(pictures.jpeg(64, 48, orientation=1), pictures.exif(orientation=6))
    assert files.probe(twice).width_px == 48


def test_xmp_before_exif_does_not_hide_it():
    xmp = PICTURE[:2] + files.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>") + PICTURE[2:]
    assert files.probe(pictures.with_exif(xmp, pictures.exif(orientation=6))).width_px == 48
    assert files.probe(xmp).width_px == 64


def test_the_end_marker_of_the_thumbnail_does_not_end_the_picture():
    data = pictures.jpeg(thumbnail=pictures.jpeg(16, 12))
    with pytest.raises(errors.CorruptImageError, match="cut short"):
        files.probe(data[: data.index(b"\xff\xd9") + 2])


def test_an_end_marker_in_a_comment_does_not_end_the_picture():
    data = HEADER + files.segment(0xFE, b"\xff\xd9\xff\xd9") + SCANNED
    assert files.probe(data).width_px == 64


def test_a_picture_without_its_end_marker_is_corrupt():
    with pytest.raises(errors.CorruptImageError, match="cut short"):
        files.probe(PICTURE[:-2])


def test_restarts_stuffing_and_fill_bytes_belong_to_the_scan():
    data = PICTURE[:-2] + b"\xff\xd0\x12\xff\xd7\xff\x00\xff\xff\x00\xff\xff\xff\xd9"
    assert files.probe_pieces(bytes([byte]) for byte in data).width_px == 64


def test_fill_bytes_may_stand_before_a_segment():
    assert files.probe(HEADER + b"\xff\xff\xff" + SCANNED).width_px == 64


def test_a_file_may_come_with_jfif_or_without():
    jfif = files.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    assert b"JFIF" not in PICTURE
    assert files.probe(PICTURE).width_px == 64
    assert files.probe(PICTURE[:2] + jfif + PICTURE[2:]).width_px == 64


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PICTURE[:2] + files.segment(0xFE, b"x") + b"stray" + PICTURE[2:], "stray bytes"),
        (PICTURE[:FRAME_HEADER] + SCANNED, "before it is described"),
        (HEADER + b"\xff\xd9", "without a picture"),
        (PICTURE[:-2] + PICTURE, "second picture"),
        (HEADER + HEADER[FRAME_HEADER:] + SCANNED, "twice"),
        (HEADER + b"\xff\xfe\x00\x01" + SCANNED, "impossible length"),
        (HEADER + files.segment(0xF0) + SCANNED, "unknown kind, 0xf0"),
        (HEADER + files.segment(0xC5) + SCANNED, "hierarchical"),
        (PICTURE[:2] + files.segment(0xC0, bytes(7)) + SCANNED, "wrongly"),
        (PICTURE[:2] + files.segment(0xC0, b"\x08\x00\x01\x00\x01\x00") + SCANNED, "no width"),
        (with_height(0), "no width"),
    ],
)
def test_a_broken_structure_is_corrupt_and_says_what_is_wrong(data, words):
    with pytest.raises(errors.CorruptImageError, match=words):
        files.probe(data)


def test_as_many_scans_as_libvips_reads_come_in_and_one_more_is_corrupt():
    scan = SCANNED[:-2]
    assert files.probe(HEADER + scan * jpeg.MAX_SCANS + b"\xff\xd9").width_px == 64
    with pytest.raises(errors.CorruptImageError, match="scans"):
        files.probe(HEADER + scan * (jpeg.MAX_SCANS + 1) + b"\xff\xd9")


def test_jpeg_ls_is_refused_by_its_name():
    with pytest.raises(errors.UnsupportedFormatError) as refusal:
        files.probe(b"\xff\xd8" + files.segment(0xF7, bytes(9)))
    assert refusal.value.detected_media_type == "image/jls"


def test_f19_a_header_that_announces_a_bomb_is_refused():
    at = FRAME_HEADER + 5
    with pytest.raises(errors.ImageTooLargeError):
        files.probe(PICTURE[:at] + struct.pack(">HH", 65_500, 65_500) + PICTURE[at + 4 :])


def test_millions_of_empty_segments_are_given_up_on():
    with pytest.raises(errors.CorruptImageError, match="more parts"):
        files.probe(HEADER + files.segment(0xFE) * 100_000 + SCANNED)

import struct

import pytest

import errors
from processing.probe import Limits
from tests import pictures
from tests.processing.probe import files

PICTURE = pictures.png()
SIGNATURE = PICTURE[:8]
EXIF_SIDEWAYS = files.chunk(b"eXIf", pictures.exif(orientation=6).removeprefix(b"Exif\0\0"))


def header(width_px=1, height_px=1, depth=8, colour=2, compression=0, filtering=0, interlace=0):
    fields = struct.pack(">IIBBBBB", width_px, height_px, depth, colour, compression, filtering, interlace)
    return SIGNATURE + files.chunk(b"IHDR", fields)


def animation(frame_count):
    return files.chunk(b"acTL", struct.pack(">II", frame_count, 0))


def test_exif_before_the_pixels_turns_the_picture():
    assert files.probe(files.png_with(PICTURE, EXIF_SIDEWAYS)).width_px == 48


def test_exif_behind_the_pixels_does_not_turn_it_as_in_libvips():
    assert files.probe(files.png_with(PICTURE, EXIF_SIDEWAYS, before=b"IEND")).width_px == 64


def test_the_frames_of_an_animated_png_count():
    data = files.png_with(PICTURE, animation(7))
    assert files.probe(data).frame_count == 7
    assert files.probe(data, Limits(max_pixels=64 * 48 * 2, max_frames=7)).frame_count == 7
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(data, Limits(max_pixels=64 * 48 * 2, max_frames=6))
    assert refusal.value.limit_frames == 6


def test_an_announcement_of_frames_behind_the_pixels_means_nothing():
    assert files.probe(files.png_with(PICTURE, animation(7), before=b"IEND")).frame_count == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (SIGNATURE + files.chunk(b"IDAT") + PICTURE[8:], "does not begin with its header"),
        (header() + files.chunk(b"IEND"), "without a picture"),
        (PICTURE[:29] + b"oops" + PICTURE[33:], "checksum"),
        (header(width_px=0), "no width"),
        (header(height_px=2**31), "no width"),
        (header(depth=4), "coding"),
        (header(colour=5), "coding"),
        (header(compression=1), "coding"),
        (header(filtering=1), "coding"),
        (header(interlace=2), "coding"),
        (files.png_with(PICTURE, files.chunk(b"\0\0\0\0")), "where a chunk should begin"),
        (files.png_with(PICTURE, struct.pack(">I4s", 2**31, b"tEXt")), "where a chunk should begin"),
        (files.png_with(PICTURE, files.chunk(b"acTL")), "wrongly"),
        (files.png_with(PICTURE, animation(0)), "without frames"),
    ],
)
def test_a_broken_structure_is_corrupt_and_says_what_is_wrong(data, words):
    with pytest.raises(errors.CorruptImageError, match=words):
        files.probe(data)


def test_unknown_chunks_are_passed_over():
    assert files.probe(files.png_with(PICTURE, files.chunk(b"zzZz", bytes(99)))).width_px == 64


def test_many_empty_data_chunks_are_given_up_on():
    with pytest.raises(errors.CorruptImageError, match="more parts"):
        files.probe(files.png_with(PICTURE, files.chunk(b"IDAT") * 300_000))

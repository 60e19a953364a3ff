import struct

import pytest

import errors
from processing.probe import Probed
from tests import pictures
from tests.processing.probe import files

PICTURE = pictures.webp(64, 48)
LOSSY = PICTURE[12:]
LOSSLESS = pictures.webp(64, 48, lossless=True)[12:]
EXIF_SIDEWAYS = pictures.exif(orientation=6)
ANIMATED, HAS_EXIF = 0x02, 0x08


@pytest.mark.parametrize("picture", [LOSSY, LOSSLESS])
def test_a_canvas_may_hold_a_lossy_or_a_lossless_picture(picture):
    assert files.probe(files.riff(files.canvas(64, 48), picture)) == Probed("image/webp", 64, 48, 1)


@pytest.mark.parametrize("exif", [EXIF_SIDEWAYS, EXIF_SIDEWAYS.removeprefix(b"Exif\0\0")])
def test_exif_turns_the_picture_where_the_header_announces_it(exif):
    chunk = files.riff_chunk(b"EXIF", exif)
    assert files.probe(files.riff(files.canvas(64, 48, HAS_EXIF), LOSSY, chunk)).width_px == 48
    assert files.probe(files.riff(files.canvas(64, 48), LOSSY, chunk)).width_px == 64


def test_frames_of_an_animation_count_and_may_be_smaller_than_the_canvas():
    frames = files.webp_frame(64, 48, LOSSY) + files.webp_frame(64, 48, LOSSLESS, left=36)
    assert files.probe(files.riff(files.canvas(100, 48, ANIMATED), frames)) == Probed(
        "image/webp", 100, 48, 2
    )


def test_a_file_may_end_without_the_byte_that_evens_its_last_chunk():
    odd = b"zzzz" + struct.pack("<I", 3) + b"abc"
    assert files.probe(files.riff(files.canvas(64, 48), LOSSY, odd)).width_px == 64


@pytest.mark.parametrize("size", [(65, 48), (1, 1), (64, 47)])
def test_a_picture_that_differs_from_its_canvas_or_frame_is_corrupt(size):
    for data in (
        files.riff(files.canvas(*size), LOSSY),
        files.riff(files.canvas(100, 100, ANIMATED), files.webp_frame(*size, LOSSY)),
    ):
        with pytest.raises(errors.CorruptImageError, match="two sizes"):
            files.probe(data)


def test_a_huge_canvas_is_refused():
    with pytest.raises(errors.UserError) as refusal:
        files.probe(files.riff(files.canvas(2**24, 2**8), LOSSY))
    assert type(refusal.value) is errors.ImageTooLargeError


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (files.riff(files.riff_chunk(b"ICCP", b"x")), "does not begin with a picture"),
        (files.riff(files.riff_chunk(b"VP8X", bytes(9))), "too short"),
        (files.riff(files.canvas(64, 48)), "without a picture"),
        (files.riff(files.canvas(64, 48, ANIMATED), LOSSY), "without a picture"),
        (
            files.riff(files.canvas(64, 48, ANIMATED), files.riff_chunk(b"ANMF", bytes(15))),
            "frame that is too short",
        ),
        (files.riff(files.canvas(64, 48, ANIMATED), files.webp_frame(64, 48)), "frame without a picture"),
        (
            files.riff(files.canvas(64, 48, ANIMATED), files.webp_frame(64, 48, LOSSY, left=2)),
            "outside its canvas",
        ),
        (files.riff(files.riff_chunk(b"VP8 ", bytes(9))), "picture is cut short"),
        (files.riff(files.riff_chunk(b"VP8 ", bytes(10))), "does not begin as it should"),
        (files.riff(files.riff_chunk(b"VP8L", bytes(5))), "does not begin as it should"),
        (files.riff(files.riff_chunk(b"VP8L", b"\x2f\0\0\0\xe0")), "does not begin as it should"),
        (PICTURE[:16] + b"\xff\xff\xff\x7f" + PICTURE[20:], "longer than the whole"),
        (PICTURE[:-1], "cut short"),
    ],
)
def test_a_broken_structure_is_corrupt_and_says_what_is_wrong(data, words):
    with pytest.raises(errors.CorruptImageError, match=words):
        files.probe(data)

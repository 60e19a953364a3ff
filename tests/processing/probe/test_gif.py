import pytest

import errors
from processing.probe import Limits, Probe
from tests import pictures
from tests.processing.probe import files

PICTURE = pictures.gif()


@pytest.mark.parametrize("version", [b"87a", b"89a"])
def test_both_versions_come_in(version):
    assert files.probe(files.gif_header(5, 4, version) + files.gif_frame(5, 4) + b";").height_px == 4


def test_f18_a_huge_screen_is_refused_although_its_frame_is_small():
    with pytest.raises(errors.ImageTooLargeError):
        files.probe(files.gif_header(65_535, 65_535) + files.gif_frame(1, 1) + b";")


def test_a_huge_frame_is_refused_although_the_screen_is_small():
    with pytest.raises(errors.ImageTooLargeError):
        files.probe(files.gif_header(1, 1) + files.gif_frame(65_535, 65_535) + b";")


def test_a_frame_far_outside_the_screen_counts_with_the_space_between():
    limits = Limits(max_pixels=100 * 100, max_frames=9)
    inside, outside = files.gif_frame(10, 10, left=90, top=90), files.gif_frame(10, 10, left=91, top=90)
    assert files.probe(files.gif_header(10, 10) + inside + b";", limits).width_px == 100
    with pytest.raises(errors.ImageTooLargeError):
        files.probe(files.gif_header(10, 10) + outside + b";", limits)


def test_a_screen_without_a_size_takes_that_of_its_frames():
    assert files.probe(files.gif_header(0, 0) + files.gif_frame(5, 4) + b";").width_px == 5


def test_frames_are_counted_while_they_come():
    probing = Probe(Limits(max_pixels=100, max_frames=10))
    probing.feed(files.gif_header(1, 1) + files.gif_frame(1, 1) * 10)
    with pytest.raises(errors.ImageTooLargeError):
        probing.feed(files.gif_frame(1, 1))


def test_f18_four_thousand_large_frames_are_refused():
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(files.gif_header(5000, 5000) + files.gif_frame(1, 1) * 4000 + b";")
    assert refusal.value.limit_frames == 10


def test_extensions_and_doubled_terminators_are_passed_over():
    comment = b"!\xfe\x05hello\x03;;;\0\0\0"
    assert files.probe(PICTURE[:-1] + comment + b";").frame_count == 1


def test_a_trailer_inside_a_run_does_not_end_the_picture():
    with pytest.raises(errors.CorruptImageError, match="cut short"):
        files.probe(PICTURE[:-1] + b"!\xfe\x01;")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PICTURE[:-1], "cut short"),
        (PICTURE[:-1] + b"xyz;", "stray bytes"),
        (files.gif_header(5, 4) + b";", "without a picture"),
        (files.gif_header(0, 0) + files.gif_frame(0, 0) + b";", "no width"),
    ],
)
def test_a_broken_structure_is_corrupt_and_says_what_is_wrong(data, words):
    with pytest.raises(errors.CorruptImageError, match=words):
        files.probe(data)

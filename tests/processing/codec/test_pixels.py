import pytest

from processing.codec import pixels
from tests import pictures


@pytest.mark.parametrize("make", [pictures.jpeg, pictures.png, pictures.webp, pictures.gif, pictures.avif])
def test_the_pixels_of_a_still_are_those_of_its_sides(make):
    assert pixels.count(memoryview(make(70, 30))) == 2_100


@pytest.mark.parametrize("make", [pictures.animated_gif, pictures.animated_webp])
def test_the_pixels_of_an_animation_are_those_of_all_frames(make):
    assert pixels.count(memoryview(make(5, 32, 24))) == 5 * 32 * 24


def test_the_pixels_of_a_jpeg_are_known_although_it_breaks_off():
    assert pixels.count(memoryview(pictures.jpeg(70, 30)[:-100])) == 2_100


@pytest.mark.parametrize("content", [b"", b"x", b"no picture at all" * 1000, b"\xff\xd8\xff", b"GIF89a"])
def test_what_is_no_picture_has_no_pixels(content):
    assert pixels.count(memoryview(content)) == 0

"""Originals become presets, a placeholder and a colour, whatever they were."""

from __future__ import annotations

import base64

import pytest
import pyvips

from errors import DecodeError
from models.values import MetadataPolicy
from processing import develop
from processing.develop import ANIMATION_PIXELS, Original, decode
from tests import pictures


def developed(content, media_type, frame_count=1, *, width_px=1000, height_px=1000):
    decoded = decode(content, Original(media_type, width_px, height_px, frame_count))
    return develop.develop(decoded, MetadataPolicy.STRIP_ALL)


def flat(width_px, height_px, colour):
    black = pyvips.Image.black(width_px, height_px, bands=3)
    return (black + colour).cast("uchar").copy(interpretation="srgb")


def unsteady(suffix):
    """Three frames, each with a time of its own."""
    frames = [flat(32, 24, colour) for colour in ([250, 10, 10], [10, 250, 10], [10, 10, 250])]
    film = pyvips.Image.arrayjoin(frames, across=1).copy()
    film.set_type(pyvips.GValue.gint_type, "page-height", 24)
    film.set_type(pyvips.GValue.array_int_type, "delay", [70, 130, 250])
    return film.write_to_buffer(suffix)


def loaded(preset):
    return pyvips.Image.new_from_buffer(preset.content, "n=-1")


@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp", "gif", "avif"])
def test_presets_fit_their_squares_and_keep_the_shape(image_format):
    made = developed(getattr(pictures, image_format)(1500, 1000), f"image/{image_format}")

    sizes = [(preset.name, preset.width_px, preset.height_px) for preset in made.presets]
    assert sizes == [("medium", 1024, 683), ("thumbnail", 256, 171)]
    assert [(loaded(preset).width, loaded(preset).height) for preset in made.presets] == [
        (1024, 683),
        (256, 171),
    ]


def test_a_small_picture_is_never_made_larger():
    made = developed(pictures.png(20, 10), "image/png")

    assert [(preset.width_px, preset.height_px) for preset in made.presets] == [(20, 10), (20, 10)]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pictures.animated_gif(frames=3), "image/gif"),
        (pictures.animated_webp(frames=3), "image/webp"),
        (unsteady(".gif"), "image/gif"),
        (unsteady(".webp"), "image/webp"),
    ],
)
def test_i5_an_animation_keeps_its_frames_and_their_times(content, media_type):
    made = developed(content, media_type, frame_count=3)

    original = pyvips.Image.new_from_buffer(content, "n=-1")
    for preset in made.presets:
        assert loaded(preset).get_n_pages() == 3
        assert loaded(preset).get("delay") == original.get("delay")


def test_an_animation_larger_than_a_thumbnail_is_scaled_frame_by_frame():
    made = developed(pictures.animated_gif(3, 600, 300), "image/gif", frame_count=3)

    thumbnail = loaded(made.presets[1])
    assert (thumbnail.width, thumbnail.get_page_height(), thumbnail.get("n-pages")) == (256, 128, 3)


@pytest.mark.parametrize(
    ("at_most", "frames", "side"),
    [(1_000_000, 60, 150), pytest.param(ANIMATION_PIXELS, 120, 500, marks=pytest.mark.long)],
)
def test_a_long_animation_is_worked_on_in_frames_that_fit_into_memory(monkeypatch, at_most, frames, side):
    monkeypatch.setattr(develop, "ANIMATION_PIXELS", at_most)
    content = pictures.animated_gif(frames, side, side)

    made = developed(content, "image/gif", frame_count=frames, width_px=side, height_px=side)

    medium = loaded(made.presets[0])
    assert medium.get("n-pages") == frames
    assert 0.9 * at_most < medium.width * medium.height <= at_most


def test_transparency_is_kept():
    clear = pyvips.Image.black(50, 50, bands=4).copy(interpretation="srgb").write_to_buffer(".png")

    assert loaded(developed(clear, "image/png").presets[1]).hasalpha()


def test_the_dominant_colour_is_the_commonest_and_not_the_mean():
    red = flat(100, 100, [250, 10, 10])
    picture = red.draw_rect([10, 10, 250], 0, 0, 40, 100, fill=True)

    found = bytes.fromhex(developed(picture.write_to_buffer(".png"), "image/png").dominant_color[1:])
    assert list(found) == pytest.approx([250, 10, 10], abs=2)


@pytest.mark.parametrize("interpretation", ["cmyk", "b-w", "rgb16", "grey16"])
def test_i4_other_colour_spaces_come_out_as_8_bit_srgb(interpretation):
    picture = flat(60, 40, [200, 100, 50])
    suffix = ".jpg" if interpretation in ("cmyk", "b-w") else ".png"
    content = picture.colourspace(interpretation).write_to_buffer(suffix)

    preset = loaded(developed(content, "image/jpeg" if suffix == ".jpg" else "image/png").presets[0])
    assert (preset.bands, preset.interpretation, preset.format) == (3, "srgb", "uchar")


def test_i4_wide_colours_come_out_as_they_were_in_srgb():
    wide = flat(60, 40, [200, 60, 30]).copy(interpretation="srgb").icc_transform("p3", input_profile="srgb")

    for preset in developed(wide.write_to_buffer(".png", keep="icc"), "image/png").presets:
        assert loaded(preset)(30, 20) == pytest.approx([200, 60, 30], abs=5)


def test_the_thumbhash_is_short_base64():
    made = developed(pictures.jpeg(300, 200), "image/jpeg")

    assert 5 <= len(base64.b64decode(made.thumbhash, validate=True)) <= 30


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pictures.undecodable_png(), "image/png"),
        (b"\xff\xd8\xff\xd9", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "image/png"),
        (pyvips.Image.black(9, 9).tiffsave_buffer(), "image/png"),
    ],
)
def test_what_does_not_decode_is_a_decode_error(content, media_type):
    with pytest.raises(DecodeError):
        developed(content, media_type)

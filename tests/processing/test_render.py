"""Variants on demand have exactly the pixels that their recipes ask for, whatever the original was."""

from __future__ import annotations

import pytest
import pyvips

from errors import DecodeError
from models.values import MetadataPolicy
from processing import recipes, render, vips
from processing.codec.orders import Original, Rendering
from processing.sizes import Box, Fit, Size
from tests import metadata_pictures as full
from tests import pictures
from tests.processing import test_upright as upright
from tests.processing.darkroom import photo

LOADED_AS = {
    "image/jpeg": "jpegload_buffer", "image/png": "pngload_buffer", "image/webp": "webpload_buffer",
    "image/avif": "heifload_buffer", "image/gif": "gifload_buffer",
}  # fmt: skip
RED, GREEN, BLUE = [250, 20, 20], [20, 200, 20], [20, 20, 250]


def variant(content, image, recipe):
    return render.variant(content, Rendering(Original.of(image), image.metadata_policy, recipe))


def rendered(content, image, box, fit=Fit.FILL, media_type="image/png", quality=None):
    made = variant(content, image, recipes.of(image, box, fit, media_type, quality))
    options = "n=-1" if media_type in recipes.ANIMATED_MEDIA_TYPES else ""
    return pyvips.Image.new_from_buffer(made, options)


def stripes(width_px=300, height_px=100):
    """Red, green and blue from left to right."""
    tiles = [
        (pyvips.Image.black(width_px // 3, height_px, bands=3) + colour) for colour in (RED, GREEN, BLUE)
    ]
    return pyvips.Image.arrayjoin(tiles).cast("uchar").copy(interpretation="srgb")


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("media_type", recipes.OUTPUT_MEDIA_TYPES)
@pytest.mark.parametrize("box", [Box(33, 71), Box(71, 33), Box(1, 1), Box(50, None), Box(500, 20)])
def test_every_format_comes_out_as_large_as_its_recipe_says(box, media_type, fit):
    image = photo(width_px=300, height_px=100)

    made = rendered(stripes().write_to_buffer(".jpg"), image, box, fit, media_type)

    recipe = recipes.of(image, box, fit, media_type)
    assert Size(made.width, made.height) == recipe.size
    assert made.get("vips-loader") == LOADED_AS[media_type]


def test_cover_cuts_off_as_much_on_either_side():
    made = rendered(
        stripes().write_to_buffer(".png"), photo(width_px=300, height_px=100), Box(50, 50), Fit.COVER
    )

    assert made.getpoint(25, 25) == pytest.approx(GREEN, abs=5)
    assert made.getpoint(3, 25) == pytest.approx(GREEN, abs=25)
    assert made.getpoint(46, 25) == pytest.approx(GREEN, abs=25)


def test_contain_and_fill_show_all_of_it():
    for fit in (Fit.CONTAIN, Fit.FILL):
        made = rendered(
            stripes().write_to_buffer(".png"), photo(width_px=300, height_px=100), Box(60, 60), fit
        )

        seen = [made.getpoint(made.width * part // 6, 5) for part in (1, 3, 5)]
        assert seen == [pytest.approx(colour, abs=5) for colour in (RED, GREEN, BLUE)]


@pytest.mark.parametrize("policy", MetadataPolicy)
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("made", [upright.jpeg, upright.png, upright.webp, upright.avif])
def test_a_still_comes_out_upright_once(made, orientation, policy):
    image = photo(width_px=60, height_px=40, metadata_policy=policy)

    assert upright.is_upright(rendered(made(orientation), image, Box(60, 40)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("box", "fit"), [(Box(60, 40), Fit.FILL), (Box(60, 20), Fit.COVER), (Box(30, 40), Fit.COVER)]
)
def test_each_frame_of_an_animation_comes_out_upright_in_its_size_and_time(box, fit, orientation):
    image = photo(width_px=60, height_px=40, media_type="image/webp", frame_count=2)

    film = rendered(upright.animation(orientation), image, box, fit, "image/webp", quality=95)

    assert (film.width, film.get_page_height()) == (box.width_px, box.height_px)
    assert (film.get("n-pages"), film.get("delay")) == (2, [70, 130])
    cut_left, cut_top = (60 - box.width_px) // 2, (40 - box.height_px) // 2
    for x, y in [(22, 13), (38, 13), (22, 27), (38, 27)]:
        colour = upright.quarters().getpoint(x, y)
        first = film.getpoint(x - cut_left, y - cut_top)[:3]
        second = film.getpoint(x - cut_left, y - cut_top + box.height_px)[:3]
        assert first == pytest.approx(colour, abs=25)
        assert second == pytest.approx([255 - value for value in colour], abs=25)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/avif"])
def test_a_format_that_does_not_move_shows_the_first_frame(media_type):
    image = photo(width_px=60, height_px=40, media_type="image/webp", frame_count=2)

    still = rendered(upright.animation(1), image, Box(60, 40), media_type=media_type, quality=95)

    assert (still.width, still.height) == (60, 40)
    assert upright.is_upright(still)


def test_an_animated_gif_becomes_an_animated_webp_and_the_other_way_round():
    for content, media_type, other in (
        (pictures.animated_gif(4, 60, 40), "image/gif", "image/webp"),
        (pictures.animated_webp(4, 60, 40), "image/webp", "image/gif"),
    ):
        image = photo(width_px=60, height_px=40, media_type=media_type, frame_count=4)
        film = rendered(content, image, Box(30, 20), media_type=other)
        assert (film.width, film.get_page_height(), film.get("n-pages")) == (30, 20, 4)


def test_a_jpeg_is_white_where_the_original_is_transparent():
    clear = pyvips.Image.black(40, 40, bands=4).copy(interpretation="srgb").write_to_buffer(".png")

    made = rendered(clear, photo(width_px=40, height_px=40), Box(20, 20), media_type="image/jpeg")

    assert (made.bands, made.getpoint(10, 10)) == (3, [255, 255, 255])


@pytest.mark.parametrize("media_type", ["image/png", "image/webp", "image/avif", "image/gif"])
def test_every_other_format_keeps_transparency(media_type):
    clear = pyvips.Image.black(40, 40, bands=4).copy(interpretation="srgb").write_to_buffer(".png")

    made = rendered(clear, photo(width_px=40, height_px=40), Box(20, 20), media_type=media_type)

    assert made.getpoint(10, 10)[-1] == 0


@pytest.mark.parametrize("interpretation", ["cmyk", "b-w", "rgb16", "grey16"])
def test_other_colour_spaces_come_out_as_8_bit_srgb(interpretation):
    suffix = ".jpg" if interpretation in ("cmyk", "b-w") else ".png"
    content = stripes().colourspace(interpretation).write_to_buffer(suffix)

    made = rendered(content, photo(width_px=300, height_px=100), Box(30, 10))

    assert (made.bands, made.interpretation, made.format) == (3, "srgb", "uchar")
    assert not made.get_typeof("icc-profile-data")


def test_i4_wide_colours_come_out_as_they_were_in_srgb():
    plain = stripes().linear([0, 0, 0], [200, 60, 30]).cast("uchar").copy(interpretation="srgb")
    content = plain.icc_transform("p3", input_profile="srgb").write_to_buffer(".png", keep="icc")

    made = rendered(content, photo(width_px=300, height_px=100), Box(30, 10))

    assert made(15, 5) == pytest.approx([200, 60, 30], abs=5)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp", "image/avif"])
@pytest.mark.parametrize(
    ("policy", "kept", "gone"),
    [
        (MetadataPolicy.STRIP_ALL, [], ["Make", "GPSLatitude"]),
        (MetadataPolicy.STRIP_GPS, ["Make"], ["GPSLatitude"]),
        (MetadataPolicy.KEEP, ["Make", "GPSLatitude"], []),
    ],
)
def test_a_variant_says_what_the_policy_of_its_image_leaves(policy, kept, gone, media_type):
    content = full.full_jpeg()
    original = pyvips.Image.new_from_buffer(content, "")
    image = photo(width_px=original.width, height_px=original.height, metadata_policy=policy)

    fields = " ".join(rendered(content, image, Box(20, 20), media_type=media_type).get_fields())

    assert [tag for tag in kept if tag not in fields] == []
    assert [tag for tag in gone if tag in fields] == []


def test_quality_decides_how_many_bytes_there_are():
    image, content = photo(width_px=300, height_px=200), pictures.jpeg(300, 200)

    for media_type in ("image/jpeg", "image/webp", "image/avif"):
        sizes = [
            len(variant(content, image, recipes.of(image, Box(), Fit.CONTAIN, media_type, quality)))
            for quality in (10, 50, 90)
        ]
        assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("media_type", recipes.OUTPUT_MEDIA_TYPES)
@pytest.mark.parametrize("content", [pictures.undecodable_png(), b"\xff\xd8\xff\xd9", b"<svg/>", b""])
def test_what_does_not_decode_is_a_decode_error(content, media_type):
    with pytest.raises(DecodeError):
        rendered(content, photo(), Box(20, 20), media_type=media_type)


def test_one_picture_leaves_the_other_cores_to_the_next():
    vips.harden()

    assert pyvips.concurrency_get() == 1

"""A recipe and its name say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing import recipes
from processing.recipes import WITHOUT_QUALITY, Recipe, parsed
from processing.sizes import ANIMATION_PIXELS, MAX_SIDE_PX, Box, Fit, Size
from tests.processing.darkroom import photo

SIDES = st.integers(1, MAX_SIDE_PX)


@st.composite
def all_recipes(draw):
    media_type = draw(st.sampled_from(recipes.OUTPUT_MEDIA_TYPES))
    quality = 100 if media_type in WITHOUT_QUALITY else draw(st.integers(1, 100))
    return Recipe(
        Size(draw(SIDES), draw(SIDES)), draw(st.sampled_from(["fill", "cover"])), media_type, quality
    )


@given(all_recipes())
def test_a_recipe_is_read_from_its_name(recipe):
    assert parsed(recipe.name) == recipe


def test_a_name_can_be_read_by_people():
    assert Recipe(Size(640, 480), "cover", "image/webp", 80).name == "w640-h480-cover-q80.webp"


@given(st.text() | st.from_regex(r"w\d+-h\d+-\w+-q\d+\.\w+"))
def test_whatever_is_read_as_a_recipe_is_spelled_as_its_name(name):
    recipe = parsed(name)

    assert recipe is None or recipe.name == name


@pytest.mark.parametrize(
    "name",
    [
        "", "original", "medium", "w640-h480-cover-q80", "w640-h480-cover-q80.jpg", "w640-h480-cover-q80.WEBP",
        "w0640-h480-cover-q80.webp", "w0-h480-cover-q80.webp", "w640-h480-contain-q80.webp", "w640-h480-cover-q080.webp",
        "w640-h480-cover-q0.webp", "w640-h480-cover-q101.webp", "w640-h480-cover-q80.webp\n", "w640-h480-fill-q80.png",
        "w-640-h480-fill-q80.webp", "w\u0661-h480-fill-q80.webp", "w123456-h1-fill-q80.webp", "w640-h480-fill-q80.svg",
    ],
)  # fmt: skip
def test_another_spelling_is_no_recipe(name):
    assert parsed(name) is None


def test_without_a_wish_for_quality_it_suits_the_format():
    made = [recipes.of(photo(), Box(), Fit.CONTAIN, media_type) for media_type in recipes.OUTPUT_MEDIA_TYPES]

    assert {recipe.media_type: recipe.quality for recipe in made} == recipes.DEFAULT_QUALITIES


@pytest.mark.parametrize("media_type", WITHOUT_QUALITY)
def test_a_format_without_quality_has_one_name_whatever_is_wished(media_type):
    names = {
        recipes.of(photo(), Box(9, 9), Fit.FILL, media_type, quality).name for quality in (None, 1, 80, 100)
    }

    assert len(names) == 1


def test_what_covers_its_box_without_a_cut_is_the_whole_picture():
    image = photo(width_px=1200, height_px=900)

    assert recipes.of(image, Box(400, 300), Fit.COVER, "image/webp").fit == "fill"
    assert recipes.of(image, Box(400, None), Fit.COVER, "image/webp").fit == "fill"
    assert recipes.of(image, Box(300, 300), Fit.COVER, "image/webp").fit == "cover"


def test_the_frames_of_an_animation_share_the_memory():
    film = photo(width_px=1000, height_px=1000, media_type="image/gif", frame_count=100)

    moving = recipes.of(film, Box(), Fit.CONTAIN, "image/webp")
    still = recipes.of(film, Box(), Fit.CONTAIN, "image/jpeg")

    assert moving.size == Size(400, 400)
    assert moving.size.pixels * 100 == ANIMATION_PIXELS
    assert still.size == Size(1000, 1000)


def test_a_making_costs_what_is_read_and_what_is_written_of_all_frames():
    film = photo(width_px=1000, height_px=100, media_type="image/gif", frame_count=3)

    def cost(media_type):
        return recipes.cost_pixels(film, recipes.of(film, Box(500, 50), Fit.FILL, media_type))

    assert (cost("image/gif"), cost("image/png")) == (3 * 125_000, 125_000)


def test_no_variant_is_so_small_that_millions_could_be_made_in_an_hour():
    dot = photo(width_px=1, height_px=1)

    assert recipes.cost_pixels(dot, recipes.of(dot, Box(7, 7), Fit.FILL, "image/png")) == 50_000

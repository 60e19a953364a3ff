"""A size is asked for, and reached from below."""

from __future__ import annotations

import pytest
import pyvips

from models.values import Compression, CompressionMode
from processing.codec.jpeg import fitting, quantisation
from tests.processing.codec import originals

RATIOS = (0.2, 0.35, 0.5, 0.7)


def fit(ratio, **more):
    return Compression(mode=CompressionMode.TARGET_RATIO, value=ratio, **more)


@pytest.fixture(scope="module")
def picture():
    """As much in it of every scale as of the next, and a sensor's noise."""
    picture = originals.drawn(1200, 900)
    for seed, step in enumerate((1, 2, 4, 8, 16, 32)):
        noise = pyvips.Image.gaussnoise(1200 // step + 2, 900 // step + 2, mean=0, sigma=3 + step, seed=seed)
        picture += noise.resize(step, kernel="linear").crop(0, 0, 1200, 900)
    return picture.cast("uchar").copy(interpretation="srgb").copy_memory()


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("kind", ["4:2:0", "4:4:4", "progressive"])
def test_a_jpeg_comes_out_within_five_percent_below_its_goal(child, picture, kind, ratio):
    content = originals.jpeg(kind, picture, 92)

    made = child.compress(content, fit(ratio))

    assert 0.95 * ratio < len(made.content) / len(content) <= ratio


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_jpeg_that_is_turned_does_too(child, picture, orientation):
    lying = originals.TURNS[orientation](picture)
    content = originals.told_jpeg(originals.jpeg("4:2:0", lying, 92), orientation, tells=False)

    made = child.compress(content, fit(0.4))

    assert 0.36 < len(made.content) / len(content) <= 0.4
    assert (made.width_px, made.height_px) == (1200, 900)


@pytest.mark.parametrize("format_name", ["WEBP", "AVIF"])
def test_other_formats_come_out_below_their_goal(child, picture, format_name):
    content = originals.jpeg("4:2:0", picture.resize(0.25), 92)

    made = child.compress(content, fit(0.4, format=format_name))

    assert 0.25 < len(made.content) / len(content) <= 0.4


def test_a_size_that_no_steps_reach_gives_the_least_there_is(child, picture):
    content = originals.jpeg("grey", picture.crop(0, 0, 30, 20), 40)

    least, goal = (child.compress(content, fit(ratio)) for ratio in (0.05, 0.95))

    assert len(least.content) < len(goal.content)


def test_a_search_ends_where_the_size_does_not_change_as_it_should():
    sizes = {}

    def stairs(position):
        sizes[position] = 1_000 + 500 * (position // 800)
        return sizes[position]

    found = fitting.highest(stairs, 2_400, (20.0, 9_000))

    assert sizes[found] == 2_000
    assert len(sizes) <= fitting.MOST_PROBES


def test_between_two_qualities_the_first_frequencies_are_kept_better():
    lower, upper = quantisation.of_quality(40), quantisation.of_quality(41)

    mixed, _ = quantisation.between(40 * 64 + 10)

    first = quantisation.ZIGZAG[:10]
    assert (mixed[first] == upper[0][first]).all()
    assert (mixed[quantisation.ZIGZAG[10:]] == lower[0][quantisation.ZIGZAG[10:]]).all()

"""Variants are as large as their boxes ask, for every original and every box."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processing.sizes import MAX_PIXELS, MAX_SIDE_PX, Box, Fit, Size, before_cut, fitted

ORIGINALS = st.builds(Size, st.integers(1, 70_000), st.integers(1, 70_000))
SIDES = st.none() | st.integers(1, MAX_SIDE_PX)
BOXES = st.builds(Box, SIDES, SIDES)
WHOLE_BOXES = st.builds(Box, st.integers(1, MAX_SIDE_PX), st.integers(1, MAX_SIDE_PX))


def have_equal_proportions(size, shape):
    """Whether some scale brings the shape to the size, within a pixel on either side."""
    widths = (size.width_px - 1) / shape.width_px, (size.width_px + 1) / shape.width_px
    heights = (size.height_px - 1) / shape.height_px, (size.height_px + 1) / shape.height_px
    return max(widths[0], heights[0]) <= min(widths[1], heights[1])


@given(ORIGINALS, BOXES, st.sampled_from(Fit))
def test_no_side_is_ever_zero(original, box, fit):
    size = fitted(original, box, fit)

    assert min(size.width_px, size.height_px) >= 1


@given(ORIGINALS, BOXES)
def test_what_is_contained_lies_within_its_box_and_within_the_original(original, box):
    size = fitted(original, box, Fit.CONTAIN)

    assert size.width_px <= min(box.width_px or MAX_SIDE_PX, original.width_px)
    assert size.height_px <= min(box.height_px or MAX_SIDE_PX, original.height_px)


@given(ORIGINALS, BOXES)
@example(Size(4000, 3000), Box(640, None))
def test_what_is_contained_keeps_its_proportions_within_a_pixel(original, box):
    assert have_equal_proportions(fitted(original, box, Fit.CONTAIN), original)


@given(ORIGINALS, WHOLE_BOXES)
def test_what_is_contained_is_as_large_as_its_limits_let_it_be(original, box):
    size = fitted(original, box, Fit.CONTAIN)

    touches = size.width_px == box.width_px or size.height_px == box.height_px
    assert touches or size == original or size.pixels == pytest.approx(MAX_PIXELS, rel=0.01)


@given(ORIGINALS, WHOLE_BOXES)
def test_what_covers_lies_within_the_original_and_has_the_proportions_of_its_box(original, box):
    size = fitted(original, box, Fit.COVER)

    assert size.width_px <= original.width_px
    assert size.height_px <= original.height_px
    assert have_equal_proportions(size, box)


@given(ORIGINALS, WHOLE_BOXES)
def test_what_covers_is_cut_out_of_a_whole_that_touches_it(original, box):
    cut = fitted(original, box, Fit.COVER)

    whole = before_cut(original, cut)

    assert whole.width_px == cut.width_px or whole.height_px == cut.height_px
    assert cut.width_px <= whole.width_px <= original.width_px
    assert cut.height_px <= whole.height_px <= original.height_px


@given(ORIGINALS, WHOLE_BOXES)
def test_what_fills_is_exactly_its_box(original, box):
    assert fitted(original, box, Fit.FILL) == Size(box.width_px, box.height_px)


@given(st.integers(1, 10_000_000), ORIGINALS, BOXES, st.sampled_from([Fit.CONTAIN, Fit.COVER]))
def test_there_are_about_as_many_pixels_as_there_may_be_at_most(max_pixels, original, box, fit):
    size = fitted(original, box, fit, max_pixels)

    rounding = size.width_px + size.height_px
    assert size.pixels <= max_pixels + rounding or 1 in (size.width_px, size.height_px)


@pytest.mark.parametrize(
    ("box", "fit", "expected"),
    [
        (Box(), Fit.CONTAIN, (1200, 900)),
        (Box(), Fit.COVER, (1200, 900)),
        (Box(), Fit.FILL, (1200, 900)),
        (Box(400, None), Fit.CONTAIN, (400, 300)),
        (Box(None, 300), Fit.COVER, (400, 300)),
        (Box(400, 400), Fit.CONTAIN, (400, 300)),
        (Box(5000, 5000), Fit.CONTAIN, (1200, 900)),
        (Box(400, 400), Fit.COVER, (400, 400)),
        (Box(2000, 1000), Fit.COVER, (1200, 600)),
        (Box(2000, 1000), Fit.FILL, (2000, 1000)),
        (Box(2400, None), Fit.FILL, (2400, 1800)),
        (Box(None, 450), Fit.FILL, (600, 450)),
    ],
)
def test_a_photo_of_1200_by_900_comes_out_as_one_would_expect(box, fit, expected):
    assert fitted(Size(1200, 900), box, fit) == Size(*expected)

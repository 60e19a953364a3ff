"""Variants on demand: how large they come out, and where they are fetched. Nothing is made here, and nothing looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from errors import BadUserInputError
from models.image import Image
from processing import recipes
from processing.recipes import Recipe
from processing.sizes import MAX_PIXELS, MAX_SIDE_PX, Box, Fit
from resolvers import images
from resolvers.context import Context

DEFAULT_WIDTHS_PX = (320, 640, 960, 1280, 1920, 2560)
MAX_WIDTHS = 20
MAX_QUALITY = 100
MADE_FROM = (*images.ADDRESSED_BY, "width_px", "height_px", "media_type", "frame_count")
"""The fields of an image that its variants on demand follow from, besides its id."""


@dataclass(frozen=True)
class Wish:
    """What a client asks for; what is None follows from the image and the service's defaults."""

    width_px: int | None = None
    height_px: int | None = None
    fit: str | None = None
    format: str | None = None
    quality: int | None = None


@dataclass(frozen=True)
class SignedVariant:
    """A variant that is made when it is first fetched."""

    url: str
    width_px: int
    height_px: int
    media_type: str


def variant(context: Context, image: Image, wish: Wish, expires_in_seconds: int | None) -> SignedVariant:
    """The variant that fits the wish.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    _require("widthPx", wish.width_px, MAX_SIDE_PX)
    _require("heightPx", wish.height_px, MAX_SIDE_PX)
    _require("quality", wish.quality, MAX_QUALITY)
    recipe = _recipe(image, wish)
    url = images.signed(context, image, recipe.name, expires_in_seconds)
    return SignedVariant(url, recipe.size.width_px, recipe.size.height_px, recipe.media_type)


def src_set(context: Context, image: Image, widths_px: Sequence[int] | None, image_format: str | None) -> str:
    """Addresses of the image in several widths, as HTML's `srcset` has them. None is as wide as the original at most.

    Raises:
        BadUserInputError: There are too many widths, or one is out of its range.
    """
    wanted = DEFAULT_WIDTHS_PX if widths_px is None else widths_px
    if len(wanted) > MAX_WIDTHS:
        raise BadUserInputError(f"`widthsPx` has at most {MAX_WIDTHS} widths.")
    for width_px in wanted:
        _require("widthsPx", width_px, MAX_SIDE_PX)
    found = (_recipe(image, Wish(width_px=width_px, format=image_format)) for width_px in wanted)
    by_width = {recipe.size.width_px: recipe.name for recipe in found}
    return ", ".join(
        f"{images.signed(context, image, by_width[width_px], None)} {width_px}w"
        for width_px in sorted(by_width)
    )


def most_pixels(width_px: int | None, height_px: int | None) -> int:
    """About how many pixels a variant of any image has at most: a side that is not given is taken to be as the other."""
    sides = [_within(side_px) for side_px in (width_px, height_px) if side_px is not None]
    return min(max(sides) * min(sides), MAX_PIXELS) if sides else MAX_PIXELS


def most_widths(widths_px: Sequence[int] | None) -> int:
    """How many addresses a `srcSet` has at most."""
    return len(DEFAULT_WIDTHS_PX) if widths_px is None else min(len(widths_px), MAX_WIDTHS)


def most_pixels_of_widths(widths_px: Sequence[int] | None) -> int:
    """About how many pixels all of a `srcSet` has."""
    wanted = DEFAULT_WIDTHS_PX if widths_px is None else widths_px[:MAX_WIDTHS]
    return sum(most_pixels(width_px, None) for width_px in wanted)


def _within(side_px: int) -> int:
    return max(1, min(side_px, MAX_SIDE_PX))


def _recipe(image: Image, wish: Wish) -> Recipe:
    media_type = f"image/{wish.format.lower()}" if wish.format else image.media_type
    fit = Fit(wish.fit) if wish.fit else Fit.CONTAIN
    recipe = recipes.of(image, Box(wish.width_px, wish.height_px), fit, media_type, wish.quality)
    most = recipes.max_pixels(image, media_type)
    size = recipe.size
    if fit == Fit.FILL and (max(size.width_px, size.height_px) > MAX_SIDE_PX or size.pixels > most):
        each = "frame of this animation" if recipes.frames(image, media_type) > 1 else "variant"
        raise BadUserInputError(f"A {each} has at most {most:,} pixels, and {MAX_SIDE_PX:,} on a side.")
    return recipe


def _require(name: str, value: int | None, most: int) -> None:
    if value is not None and not 1 <= value <= most:
        raise BadUserInputError(f"`{name}` is 1 to {most:,}.")

"""What a variant on demand is to be, and the name that says all of it.

The name stands in the variant's address and in its key: the same recipe has one name, and only that one is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from processing import sizes
from processing.sizes import ANIMATION_PIXELS, MAX_PIXELS, Box, Fit, Size

ANIMATED_MEDIA_TYPES: Final = ("image/gif", "image/webp")
"""Of these libvips reads and writes more than the first frame."""

DEFAULT_QUALITIES: Final = {
    "image/jpeg": 80,
    "image/png": 100,
    "image/webp": 80,
    "image/avif": 50,
    "image/gif": 100,
}
OUTPUT_MEDIA_TYPES: Final = tuple(DEFAULT_QUALITIES)
LEAST_COST_PIXELS: Final = 50_000
"""However small a variant is: it takes up a key in storage, and who could have millions of them would fill it."""

WITHOUT_QUALITY: Final = ("image/png", "image/gif")

_NAME: Final = re.compile(
    r"w([1-9]\d{0,4})-h([1-9]\d{0,4})-(fill|cover)-q([1-9]\d?|100)\.(jpeg|png|webp|avif|gif)", re.ASCII
)


class Pictured(Protocol):
    """An image's document, or whatever else knows so much of it: kind, and size and number of frames."""

    @property
    def media_type(self) -> str: ...  # noqa: D102
    @property
    def width_px(self) -> int: ...  # noqa: D102
    @property
    def height_px(self) -> int: ...  # noqa: D102
    @property
    def frame_count(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Recipe:
    """A variant exactly so large. `fill` is the whole picture, stretched if need be; `cover` is cut out of its middle."""

    size: Size
    fit: Literal["fill", "cover"]
    media_type: str
    quality: int

    @property
    def name(self) -> str:
        """Such as `w640-h480-cover-q80.webp`."""
        suffix = self.media_type.removeprefix("image/")
        return f"w{self.size.width_px}-h{self.size.height_px}-{self.fit}-q{self.quality}.{suffix}"


def parsed(name: str) -> Recipe | None:
    """The recipe with this name; None if there is none."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    width_px, height_px, fit, quality, suffix = match.groups()
    media_type = f"image/{suffix}"
    if media_type in WITHOUT_QUALITY and int(quality) != DEFAULT_QUALITIES[media_type]:
        return None
    size = Size(int(width_px), int(height_px))
    return Recipe(size, "cover" if fit == "cover" else "fill", media_type, int(quality))


def of(image: Pictured, box: Box, fit: Fit, media_type: str, quality: int | None = None) -> Recipe:
    """How the image is brought into the box. PNG and GIF have no quality; None is what suits the format."""
    original = Size(image.width_px, image.height_px)
    size = sizes.fitted(original, box, fit, max_pixels(image, media_type))
    is_cut = fit == Fit.COVER and box.is_whole and sizes.before_cut(original, size) != size
    if quality is None or media_type in WITHOUT_QUALITY:
        quality = DEFAULT_QUALITIES[media_type]
    return Recipe(size, "cover" if is_cut else "fill", media_type, quality)


def frames(image: Pictured, media_type: str) -> int:
    """How many frames of the image a variant of this type has."""
    both_move = image.media_type in ANIMATED_MEDIA_TYPES and media_type in ANIMATED_MEDIA_TYPES
    return image.frame_count if both_move else 1


def max_pixels(image: Pictured, media_type: str) -> int:
    """The most pixels of a frame: those of animations are all in memory together."""
    count = frames(image, media_type)
    return ANIMATION_PIXELS // count if count > 1 else MAX_PIXELS


def cost_pixels(image: Pictured, recipe: Recipe) -> int:
    """What making it takes: the pixels that are read, and those that are written; LEAST_COST_PIXELS at least."""
    pixels = image.width_px * image.height_px + recipe.size.pixels
    return max(pixels * frames(image, recipe.media_type), LEAST_COST_PIXELS)

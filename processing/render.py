"""An original made into one variant on demand: upright, in sRGB, exactly as large as its recipe says.

Called in a child of the codec (`processing/codec/developing.py`), which may die of it.
"""

from __future__ import annotations

from typing import Any, Final

import pyvips

from errors import DecodeError
from processing import develop, metadata, recipes, sizes, vips
from processing.codec.orders import Rendering
from processing.recipes import Recipe
from processing.sizes import Size

AVIF_EFFORTS: Final = ((1_500_000, 2), (3_000_000, 1))
"""Up to so many pixels: libaom takes a second at the next effort, for files that are hardly smaller."""

WHITE: Final = [255, 255, 255]
LYING: Final = (5, 6, 7, 8)
"""EXIF's orientations of pictures that are stored with their sides exchanged."""


def variant(content: bytes, order: Rendering) -> bytes:
    """The bytes of the variant that is ordered of an image, whose original is `content`.

    Raises:
        DecodeError: The pixels are damaged.
    """
    vips.harden()
    recipe, original = order.recipe, Size(order.original.width_px, order.original.height_px)
    is_film = recipes.frames(order.original, recipe.media_type) > 1
    whole = sizes.before_cut(original, recipe.size) if recipe.fit == "cover" else recipe.size
    try:
        pixels = _film(content, whole) if is_film else _still(content, whole)
        if whole != recipe.size:
            pixels = develop.joined(pixels, [_middle(frame, recipe.size) for frame in pixels.pagesplit()])
        if recipe.media_type == "image/jpeg" and pixels.hasalpha():
            pixels = pixels.flatten(background=WHITE)
        suffix = "." + recipe.media_type.removeprefix("image/")
        return metadata.encoded(pixels, suffix, order.policy, **_options(recipe))
    except pyvips.Error as error:
        raise DecodeError("The picture is damaged: it cannot be decoded.") from error


def _still(content: bytes, size: Size) -> Any:
    return _thumbnail(content, size, "fail_on=error")


def _film(content: bytes, size: Size) -> Any:
    """All frames in a column. libvips would turn the column, so each frame is turned by itself."""
    opened = vips.opened(content)
    if opened.get_typeof("orientation") and opened.get("orientation") in LYING:
        size = Size(size.height_px, size.width_px)
    column = _thumbnail(content, size, "fail_on=error,n=-1", no_rotate=True)
    return develop.with_upright_frames(column).copy_memory()


def _thumbnail(content: bytes, size: Size, options: str, *, no_rotate: bool = False) -> Any:
    return pyvips.Image.thumbnail_buffer(
        vips.loadable(content),
        size.width_px,
        height=size.height_px,
        size="force",
        output_profile="srgb",
        no_rotate=no_rotate,
        option_string=options,
    )


def _middle(frame: Any, size: Size) -> Any:
    left, top = (frame.width - size.width_px) // 2, (frame.height - size.height_px) // 2
    return frame.crop(left, top, size.width_px, size.height_px)


def _options(recipe: Recipe) -> dict[str, Any]:
    """Of libvips' savers."""
    if recipe.media_type == "image/jpeg":
        return {"Q": recipe.quality, "optimize_coding": True, "interlace": True}
    if recipe.media_type == "image/webp":
        return {"Q": recipe.quality, "effort": 2}
    if recipe.media_type == "image/avif":
        effort = next((effort for most, effort in AVIF_EFFORTS if recipe.size.pixels <= most), 0)
        return {"Q": recipe.quality, "effort": effort}
    return {"effort": 3} if recipe.media_type == "image/gif" else {"compression": 6}

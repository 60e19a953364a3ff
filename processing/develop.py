"""An original developed: every pixel decoded once, then presets, placeholder and dominant colour.

Called in a child of the codec (`processing/codec/developing.py`), which may die of it.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyvips

from errors import DecodeError
from models.values import MetadataPolicy
from processing import metadata, thumbhash, vips
from processing.codec.orders import PRESETS, Original, Preset
from processing.sizes import ANIMATION_PIXELS

PLACEHOLDER_SIDE_PX = 64
COLOUR_SIDE_PX = 32


@dataclass(frozen=True)
class Developed:
    """All that is made of an original: presets from large to small, a thumbhash in base64, a colour as `#rrggbb`."""

    presets: list[Preset]
    thumbhash: str
    dominant_color: str


@dataclass(frozen=True)
class Decoded:
    """The original's pixels, upright, in sRGB, no side longer than the largest preset; frames lie in a column."""

    image: Any


def decode(content: bytes, original: Original) -> Decoded:
    """Reads the whole picture, and so finds what a look at its structure cannot.

    Raises:
        DecodeError: The pixels are damaged.
    """
    vips.harden()
    options = "fail_on=error"  # not an argument: libvips ignores it there (8.18)
    if original.is_animated:
        options += ",n=-1"
    side_px = _working_side_px(original)
    try:
        image = pyvips.Image.thumbnail_buffer(
            vips.loadable(content),
            side_px,
            height=side_px,
            size="down",
            output_profile="srgb",
            no_rotate=original.is_animated,  # libvips would turn the column of frames
            option_string=options,
        )
        return Decoded(with_upright_frames(image).copy_memory())
    except pyvips.Error as error:
        raise DecodeError("The picture is damaged: it cannot be decoded.") from error


def develop(decoded: Decoded, policy: MetadataPolicy) -> Developed:
    """Everything that is made of a decoded original."""
    image = decoded.image
    presets = [_preset(name, _within(image, side_px), policy) for name, side_px in PRESETS.items()]
    first = _first_frame(image)
    return Developed(presets, _thumbhash(first), _dominant_color(first))


def _working_side_px(original: Original) -> int:
    """How long a side may be while the frames are in memory; long animations are worked on in smaller frames."""
    longest_px = max(PRESETS.values())
    if not original.is_animated:
        return longest_px
    pixels = original.frame_count * original.width_px * original.height_px
    scale = min(1.0, math.sqrt(ANIMATION_PIXELS / pixels))
    return max(1, min(longest_px, int(max(original.width_px, original.height_px) * scale)))


def _preset(name: str, image: Any, policy: MetadataPolicy) -> Preset:
    content = metadata.encoded(image, ".webp", policy, Q=80, effort=2)
    return Preset(name, content, image.width, image.get_page_height())


def _within(image: Any, side_px: int) -> Any:
    """The image, frames and all, scaled down until no side of a frame is longer than `side_px`."""
    longest_px = max(image.width, image.get_page_height())
    if longest_px <= side_px:
        return image
    return joined(image, [_scaled(frame, side_px) for frame in image.pagesplit()])


def with_upright_frames(image: Any) -> Any:
    """The frames, each turned as the image's orientation says; stills come with none."""
    if not image.get_typeof("orientation"):
        return image
    return joined(image, [frame.autorot() for frame in image.pagesplit()])


def joined(image: Any, frames: Sequence[Any]) -> Any:
    """The frames below one another, with the times of the image that they come from."""
    if len(frames) == 1:
        return frames[0]
    joined = pyvips.Image.arrayjoin(frames, across=1).copy()
    joined.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
    for field, value_type in (("delay", pyvips.GValue.array_int_type), ("loop", pyvips.GValue.gint_type)):
        if image.get_typeof(field):
            joined.set_type(value_type, field, image.get(field))
    return joined


def _scaled(frame: Any, side_px: int) -> Any:
    return frame.thumbnail_image(side_px, height=side_px, size="down")


def _first_frame(image: Any) -> Any:
    return image.crop(0, 0, image.width, image.get_page_height())


def _rgba(image: Any, side_px: int) -> Any:
    small = _scaled(image, side_px)
    return small if small.hasalpha() else small.addalpha()


def _thumbhash(image: Any) -> str:
    small = _rgba(image, PLACEHOLDER_SIDE_PX)
    made = thumbhash.encode(small.width, small.height, bytes(small.write_to_memory()))
    return base64.b64encode(made).decode()


def _dominant_color(image: Any) -> str:
    """The mean of the fullest of 16 x 16 x 16 boxes of colours; pixels seen through do not count."""
    content = bytes(_rgba(image, COLOUR_SIDE_PX).write_to_memory())
    pixels = [content[at : at + 4] for at in range(0, len(content), 4)]
    seen = [pixel for pixel in pixels if pixel[3] > 127] or pixels  # noqa: PLR2004 - half transparent
    boxes = Counter(bytes(channel >> 4 for channel in pixel[:3]) for pixel in seen)
    fullest = boxes.most_common(1)[0][0]
    inside = [pixel for pixel in seen if bytes(channel >> 4 for channel in pixel[:3]) == fullest]
    mean = [sum(pixel[channel] for pixel in inside) // len(inside) for channel in range(3)]
    return "#{:02x}{:02x}{:02x}".format(*mean)

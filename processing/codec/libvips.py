"""The way through libvips: any format in, any format out, alpha and animation kept, in sRGB."""

from __future__ import annotations


import pyvips

from errors import ImageTooLargeError
from processing import develop, metadata, vips
from processing.codec import failures
from processing.codec.base import Compressed, Wish
from processing.probe import Limits


def compress(content: memoryview, wish: Wish, limits: Limits) -> Compressed:
    """The image, made smaller.

    Raises:
        CompressionError: It is damaged, too large, or no picture at all.
    """
    encoded = bytes(content)
    try:
        opened = vips.opened(encoded)
        limits.check(opened.width, opened.height)
        image = develop.with_upright_frames(opened)
        small = metadata.encoded(image, ".jpg", wish.policy, Q=round(wish.compression.value))
    except ImageTooLargeError as error:
        raise failures.too_large(str(error)) from error
    except pyvips.Error as error:
        raise failures.damaged() from error
    return Compressed(memoryview(small), "image/jpeg", image.width, image.height, kept_original=False)


def prepare() -> None:
    vips.harden()

def name(): return "libvips"

def media_type(compression):
    return compression.format and "image/" + compression.format.lower().removeprefix("image/")

"""An image made smaller: the one function that a codec's child calls. Blocking, and on damaged input it may never return."""

from __future__ import annotations

from processing.codec import libvips
from processing.codec.base import Compressed, Wish
from processing.probe import Limits


def compress(content: memoryview, wish: Wish, limits: Limits) -> Compressed:
    """The image, made smaller.

    Raises:
        CompressionError: The image is damaged, too large, or no picture at all.
    """
    return libvips.compress(content, wish, limits)

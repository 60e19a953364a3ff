"""An image made smaller: the one function that a codec's child calls. Blocking, and on damaged input it may never return.

libjpeg ends the process on fatal errors. So it is used only behind `prepare`, which the mother of the children calls,
and in which a child tries it out; anywhere else JPEGs go through libvips too.
"""

from __future__ import annotations

from collections.abc import Callable

from errors import ImageTooLargeError
from processing.codec import failures, libvips, trial
from processing.codec.base import Compressed, CompressionError, Wish
from processing.codec.jpeg import carried, cutting, facts, library, making
from processing.codec.jpeg.plan import Path, plan
from processing.probe import Limits
from processing.probe.orientation import displayed

JPEG = "image/jpeg"

_START_OF_JPEG = b"\xff\xd8\xff"


class _Libraries:
    """What JPEGs go through in this process."""

    def __init__(self) -> None:
        self.has_libjpeg = False


_libraries = _Libraries()


def prepare() -> str:
    """Loads what children need, and tries libjpeg out in a child of its own, once, before this process has threads.

    Returns:
        What JPEGs go through from now on, such as `libjpeg-turbo 3.2.0`; libvips if that is not there or fails.
    """
    libvips.prepare()
    _libraries.has_libjpeg = trial.passes()
    return library.name() if _libraries.has_libjpeg else libvips.name()


def on_fatal(say: Callable[[CompressionError], None]) -> None:
    """Names who is told before libjpeg ends this process, and why."""
    library.on_fatal(lambda words: say(failures.given_up(words)))


def compress(content: memoryview, wish: Wish, limits: Limits) -> Compressed:
    """The image, made smaller.

    Raises:
        CompressionError: The image is damaged, too large, or no picture at all.
    """
    wants_jpeg = libvips.media_type(wish.compression) in (None, JPEG)
    if _libraries.has_libjpeg and wants_jpeg and content[:3] == _START_OF_JPEG:
        found = facts.inspect(content)
        path = plan(found, wish.compression)
        if path != Path.LIBVIPS:
            return _jpeg(content, found, path, wish, limits)
    return libvips.compress(content, wish, limits)


def _jpeg(content: memoryview, found: facts.Facts, path: Path, wish: Wish, limits: Limits) -> Compressed:
    sides = displayed(found.frame.width_px, found.frame.height_px, found.orientation)
    try:
        limits.check(*sides)
    except ImageTooLargeError as error:
        raise failures.too_large(str(error)) from error
    along = carried.along(content, found, wish.policy)
    for made in making.forms(content, found, path, wish.compression, along):
        if len(made) < len(content):
            return Compressed(memoryview(made), JPEG, *sides, kept_original=False)
    kept = cutting.cut(content, found, along)
    return Compressed(memoryview(kept), JPEG, *sides, kept_original=True)

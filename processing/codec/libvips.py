"""The way through libvips: any format in, any format out, alpha and animation kept, upright and in sRGB."""

from __future__ import annotations

from typing import Any, Final

import pyvips

from errors import CorruptImageError, ImageTooLargeError, UnsupportedFormatError
from models.values import Compression, CompressionMode
from processing import develop, metadata, vips
from processing.codec import failures, kept, quality
from processing.codec.base import Compressed, Wish
from processing.probe import Limits, Probe, Probed
from processing.recipes import ANIMATED_MEDIA_TYPES
from processing.render import WHITE

MOST_PIXELS_OF_A_FILM: Final = 64_000_000
"""All frames are in memory together; a longer animation stays as it is."""

_WITHOUT_ALPHA: Final = "image/jpeg"
_WITH_COLOURS: Final = ("srgb", "b-w")
_BITS: Final = 8
_PROFILE: Final = "icc-profile-data"


def prepare() -> None:
    """Loads the library without starting one of its threads, so that a process may fork behind it."""
    vips.harden()


def name() -> str:
    """Which one it is, such as `libvips 8.18.7`."""
    return "libvips " + ".".join(str(pyvips.version(part)) for part in range(3))


def compress(content: memoryview, wish: Wish, limits: Limits) -> Compressed:
    """The image, made smaller.

    Raises:
        CompressionError: It is damaged, too large, or no picture at all.
    """
    encoded = bytes(content)
    probed = _probed(encoded, limits)
    wanted = media_type(wish.compression) or probed.media_type
    try:
        if _is_movable(probed, wanted):
            image = _decoded(encoded, probed, wanted)
            small = _smaller(image, wanted, wish, len(encoded))
            if small:
                return Compressed(
                    memoryview(small), wanted, image.width, image.get_page_height(), kept_original=False
                )
    except pyvips.Error as error:
        raise failures.given_up(str(error)) from error
    original = kept.original(content, probed.media_type, wish.policy)
    return Compressed(
        memoryview(original), probed.media_type, probed.width_px, probed.height_px, kept_original=True
    )


def media_type(compression: Compression) -> str | None:
    """What is asked for; None for that of each image."""
    return f"image/{compression.format.lower().removeprefix('image/')}" if compression.format else None


def _probed(encoded: bytes, limits: Limits) -> Probed:
    probe = Probe(limits)
    try:
        probe.feed(encoded)
        return probe.finish()
    except ImageTooLargeError as error:
        raise failures.too_large(str(error)) from error
    except UnsupportedFormatError as error:
        raise failures.no_picture() from error
    except CorruptImageError as error:
        raise failures.damaged() from error


def _is_movable(probed: Probed, wanted: str) -> bool:
    """Whether all that moves in it can move on: libvips reads one frame of PNG and AVIF."""
    if probed.frame_count == 1 or wanted not in (probed.media_type, *ANIMATED_MEDIA_TYPES):
        return True
    pixels = probed.frame_count * probed.width_px * probed.height_px
    return probed.media_type in ANIMATED_MEDIA_TYPES and pixels <= MOST_PIXELS_OF_A_FILM


def _decoded(encoded: bytes, probed: Probed, wanted: str) -> Any:
    """All pixels, and all frames if they can be kept, in memory."""
    vips.harden()
    is_film = probed.frame_count > 1 and wanted in ANIMATED_MEDIA_TYPES
    options = "fail_on=error,n=-1" if is_film else "fail_on=error"
    image = pyvips.Image.new_from_buffer(vips.loadable(encoded), options, access="sequential")
    image = develop.with_upright_frames(_in_srgb(image).copy_memory())
    return image.flatten(background=WHITE) if wanted == _WITHOUT_ALPHA and image.hasalpha() else image


def _in_srgb(image: Any) -> Any:
    if image.get_typeof(_PROFILE):
        return image.icc_transform("srgb", embedded=True, intent="perceptual", depth=_BITS)
    if image.interpretation in _WITH_COLOURS:
        return image
    return image.colourspace("b-w" if image.interpretation == "grey16" else "srgb")


def _smaller(image: Any, wanted: str, wish: Wish, size_bytes: int) -> bytes | None:
    """None if it does not come out smaller."""

    def made(number: int) -> bytes:
        suffix, options = "." + wanted.removeprefix("image/"), quality.options(image, wanted, number)
        return metadata.encoded(image, suffix, wish.policy, **options)

    if wish.compression.mode == CompressionMode.TARGET_RATIO:
        small = quality.fitted(made, int(size_bytes * wish.compression.value))
    else:
        small = made(quality.of(wish.compression.value))
    return small if len(small) < size_bytes else None

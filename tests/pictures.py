"""Pictures for tests, made on the spot: equal arguments give equal bytes, another `seed` gives another picture."""

from __future__ import annotations

import functools
import struct
from typing import Final

import pyvips

_EXIF_PREFIX: Final = b"Exif\0\0"
_TIFF_HEADER: Final = b"II*\0" + struct.pack("<I", 8)
_SHORT, _RATIONAL, _LONG, _ASCII = 3, 5, 4, 2


def jpeg(
    width_px: int = 64,
    height_px: int = 48,
    *,
    seed: int = 0,
    quality: int = 80,
    orientation: int | None = None,
    gps: bool = False,
    thumbnail: bytes | None = None,
    flat: bool = False,
    progressive: bool = False,
) -> bytes:
    """A JPEG of noise (or of one colour, if `flat`); with EXIF when orientation, GPS or a thumbnail is asked for."""
    picture = _pixels(width_px, height_px, seed, flat=flat)
    encoded: bytes = picture.write_to_buffer(".jpg", Q=quality, keep="none", interlace=progressive)
    if orientation is None and not gps and thumbnail is None:
        return encoded
    return with_exif(encoded, exif(orientation=orientation, gps=gps, thumbnail=thumbnail))


def png(width_px: int = 64, height_px: int = 48, *, seed: int = 0, flat: bool = False) -> bytes:
    """A PNG of noise, or of one colour."""
    return bytes(
        _pixels(width_px, height_px, seed, flat=flat).write_to_buffer(".png", compression=1, keep="none")
    )


def webp(
    width_px: int = 64, height_px: int = 48, *, seed: int = 0, flat: bool = False, lossless: bool = False
) -> bytes:
    """A WebP of noise, or of one colour."""
    picture = _pixels(width_px, height_px, seed, flat=flat)
    return bytes(picture.write_to_buffer(".webp", effort=0, keep="none", lossless=lossless))


def gif(width_px: int = 64, height_px: int = 48, *, seed: int = 0, flat: bool = False) -> bytes:
    """A GIF of noise, or of one colour, with one frame."""
    return bytes(_pixels(width_px, height_px, seed, flat=flat).write_to_buffer(".gif", effort=1, keep="none"))


def avif(width_px: int = 64, height_px: int = 48, *, seed: int = 0, flat: bool = False) -> bytes:
    """An AVIF of noise, or of one colour."""
    picture = _pixels(width_px, height_px, seed, flat=flat)
    return bytes(picture.write_to_buffer(".avif", effort=0, keep="none"))


def animated_gif(frames: int = 3, width_px: int = 32, height_px: int = 24, *, seed: int = 0) -> bytes:
    """A GIF whose frames differ, so that the encoder drops none."""
    return bytes(_film(frames, width_px, height_px, seed).write_to_buffer(".gif", effort=1))


def animated_webp(frames: int = 3, width_px: int = 32, height_px: int = 24, *, seed: int = 0) -> bytes:
    """A WebP whose frames differ, so that the encoder drops none."""
    return bytes(_film(frames, width_px, height_px, seed).write_to_buffer(".webp", effort=0))


@functools.lru_cache(maxsize=8)
def photo(size_bytes: int = 1_000_000, *, seed: int = 0) -> bytes:
    """A JPEG in the proportions of a photograph, within 3 % of `size_bytes`."""
    width_px = round(
        (size_bytes * 4 / 3) ** 0.5 * 1.6385
    )  # at 0.3725 bytes a pixel, which is what noise needs
    encoded = b""
    for _ in range(4):
        encoded = jpeg(width_px, width_px * 3 // 4, seed=seed, quality=75)
        if abs(len(encoded) - size_bytes) <= size_bytes * 0.02:
            break
        width_px = round(width_px * (size_bytes / len(encoded)) ** 0.5)
    return encoded


def undecodable_png(width_px: int = 64, height_px: int = 48) -> bytes:
    """A PNG whose structure is sound and whose pixels are not."""
    encoded = bytearray(png(width_px, height_px))
    begin = encoded.index(b"IDAT") + 4
    length = struct.unpack_from(">I", encoded, begin - 8)[0]
    encoded[begin + length // 4 : begin + length // 2] = bytes(length // 2 - length // 4)
    return bytes(encoded)


def exif(*, orientation: int | None = None, gps: bool = False, thumbnail: bytes | None = None) -> bytes:
    """An EXIF block, little-endian, as it stands in a JPEG's APP1 segment.

    Args:
        orientation: 1 to 8; None leaves the tag out.
        gps: Whether a place (the Berlin TV tower) is in it.
        thumbnail: A JPEG to carry, as cameras do.
    """
    entries = [] if orientation is None else [_entry(0x0112, _SHORT, 1, struct.pack("<HH", orientation, 0))]
    first_bytes = 2 + 12 * (len(entries) + gps) + 4
    gps_offset = len(_TIFF_HEADER) + first_bytes
    place = _place(gps_offset) if gps else b""
    if gps:
        entries.append(_entry(0x8825, _LONG, 1, struct.pack("<I", gps_offset)))
    preview_offset = gps_offset + len(place)
    preview = _preview(preview_offset, thumbnail) if thumbnail else b""
    first = _directory(entries, following=preview_offset if preview else 0)
    return _EXIF_PREFIX + _TIFF_HEADER + first + place + preview


def with_exif(encoded_jpeg: bytes, block: bytes) -> bytes:
    """The JPEG with an APP1 segment right after its start marker."""
    return encoded_jpeg[:2] + struct.pack(">HH", 0xFFE1, len(block) + 2) + block + encoded_jpeg[2:]


def _pixels(width_px: int, height_px: int, seed: int, *, flat: bool) -> pyvips.Image:
    if flat:
        colour = [(seed * 37 + channel * 80) % 256 for channel in range(3)]
        bands = pyvips.Image.black(width_px, height_px).new_from_image(colour)
    else:
        noises = (
            pyvips.Image.gaussnoise(width_px, height_px, mean=128, sigma=40, seed=3 * seed + channel)
            for channel in range(1, 4)
        )
        bands = functools.reduce(lambda joined, noise: joined.bandjoin(noise), noises)
    return bands.cast("uchar").copy(interpretation="srgb")


def _film(frames: int, width_px: int, height_px: int, seed: int) -> pyvips.Image:
    """Frames below one another, as libvips holds them."""
    pictures = [_pixels(width_px, height_px, seed * 1000 + frame, flat=False) for frame in range(frames)]
    film = pyvips.Image.arrayjoin(pictures, across=1).copy()
    film.set_type(pyvips.GValue.gint_type, "page-height", height_px)
    film.set_type(pyvips.GValue.array_int_type, "delay", [100] * frames)
    film.set_type(pyvips.GValue.gint_type, "loop", 0)
    return film


def _entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
    return struct.pack("<HHI4s", tag, kind, count, value)


def _directory(entries: list[bytes], *, following: int = 0) -> bytes:
    return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)


def _place(offset: int) -> bytes:
    """A GPS directory at `offset`, its rationals behind it."""
    behind = offset + 2 + 4 * 12 + 4
    entries = [
        _entry(1, _ASCII, 2, b"N\0\0\0"),
        _entry(2, _RATIONAL, 3, struct.pack("<I", behind)),
        _entry(3, _ASCII, 2, b"E\0\0\0"),
        _entry(4, _RATIONAL, 3, struct.pack("<I", behind + 24)),
    ]
    return _directory(entries) + struct.pack("<6I6I", 52, 1, 31, 1, 15, 1, 13, 1, 24, 1, 34, 1)


def _preview(offset: int, thumbnail: bytes) -> bytes:
    """A directory at `offset` that holds a thumbnail, which follows it."""
    behind = offset + 2 + 3 * 12 + 4
    entries = [
        _entry(0x0103, _SHORT, 1, struct.pack("<HH", 6, 0)),
        _entry(0x0201, _LONG, 1, struct.pack("<I", behind)),
        _entry(0x0202, _LONG, 1, struct.pack("<I", len(thumbnail))),
    ]
    return _directory(entries) + thumbnail

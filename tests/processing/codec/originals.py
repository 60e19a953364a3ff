"""Originals of every kind: waves of light and slopes of colour, so that a picture can be told from any other."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pyvips
from hypothesis import strategies as st
from PIL import Image

from models.values import MetadataPolicy
from tests import metadata_pictures as full
from tests.processing.probe import files

JPEG_KINDS = ("4:2:0", "4:2:2", "4:4:4", "grey", "progressive", "progressive grey", "cmyk")
STILL_KINDS = ("png", "png alpha", "png palette", "png deep", "webp", "webp alpha", "gif", "avif")
MOVING_KINDS = ("gif film", "webp film")
TURNS = {
    1: lambda upright: upright,
    2: lambda upright: upright.fliphor(),
    3: lambda upright: upright.rot180(),
    4: lambda upright: upright.flipver(),
    5: lambda upright: upright.rot90().fliphor(),
    6: lambda upright: upright.rot270(),
    7: lambda upright: upright.rot270().fliphor(),
    8: lambda upright: upright.rot90(),
}
"""How an upright picture is stored for each of EXIF's orientations."""


@dataclass(frozen=True)
class Original:
    """Bytes, and the upright picture that they were made from."""

    kind: str
    content: bytes
    drawn: pyvips.Image
    frames: int = 1


def drawn(width_px: int, height_px: int, seed: int = 0) -> pyvips.Image:
    down, across = np.mgrid[:height_px, :width_px]
    light = 60 + 100 * across / max(1, width_px - 1) + 25 * np.sin(down / 5 + seed)
    bands = [light, light * 0.8 + 20 * down / max(1, height_px - 1), 180 - light * 0.6]
    return pyvips.Image.new_from_array(np.dstack(bands).clip(0, 255).astype(np.uint8)).copy(
        interpretation="srgb"
    )


def with_alpha(picture: pyvips.Image) -> pyvips.Image:
    return picture.bandjoin(pyvips.Image.xyz(picture.width, picture.height)[0].cast("uchar") + 64).cast(
        "uchar"
    )


def jpeg(kind: str, picture: pyvips.Image, quality: int) -> bytes:
    image = Image.fromarray(picture.numpy())
    if "grey" in kind or kind == "cmyk":
        image = image.convert("CMYK" if kind == "cmyk" else "L")
    options = {"subsampling": kind} if ":" in kind else {}
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, progressive="progressive" in kind, **options)
    return file.getvalue()


def told_jpeg(encoded: bytes, orientation: int, *, tells: bool) -> bytes:
    """With EXIF, and if it tells, with everything else that a camera and its user may add."""
    if not tells:
        return encoded[:2] + full.exif_segment(_short_exif(orientation)) * (orientation > 1) + encoded[2:]
    thumbnail = encoded[:2] + files.segment(0xFE, full.MARKER) + encoded[2:]
    segments = [
        full.exif_segment(full.exif(orientation=orientation, thumbnail=thumbnail[:30_000])),
        files.segment(0xE1, full.XMP_PREFIX + full.xmp()),
        files.segment(0xED, full.iptc()),
        files.segment(0xFE, full.MARKER),
    ]
    return encoded[:2] + b"".join(segments) + encoded[2:] + b"Trailer " + full.MARKER


def encoded(kind: str, picture: pyvips.Image, quality: int) -> bytes:
    """Of the kinds that are no JPEGs."""
    base, _, addition = kind.partition(" ")
    if addition == "film":
        frames = [picture, drawn(picture.width, picture.height, 2), picture.invert()]
        picture = pyvips.Image.arrayjoin(frames, across=1).copy()
        picture.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
        picture.set_type(pyvips.GValue.array_int_type, "delay", [80, 120, 90])
    if addition == "alpha":
        picture = with_alpha(picture)
    if addition == "deep":
        picture = (picture.cast("ushort") * 257).cast("ushort").copy(interpretation="rgb16")
    options = {"palette": True} if addition == "palette" else {}
    options |= {"Q": quality} if base in ("webp", "avif") else {}
    options |= {"effort": 0} if base in ("webp", "avif") else {}
    return bytes(picture.write_to_buffer(f".{base}", keep="none", **options))


sides = st.one_of(st.integers(1, 40), st.integers(41, 150))


@st.composite
def jpegs(draw, kinds=JPEG_KINDS, *, tells=None, least_quality=5):
    kind, picture = draw(st.sampled_from(kinds)), drawn(draw(sides), draw(sides), draw(st.integers(0, 5)))
    orientation = draw(st.integers(1, 8))
    encoded = jpeg(kind, TURNS[orientation](picture), draw(st.integers(least_quality, 97)))
    tells = draw(st.booleans()) if tells is None else tells
    return Original(kind, told_jpeg(encoded, orientation, tells=tells), picture)


@st.composite
def others(draw, kinds=STILL_KINDS + MOVING_KINDS):
    kind, picture = draw(st.sampled_from(kinds)), drawn(draw(sides), draw(sides), draw(st.integers(0, 5)))
    content = encoded(kind, picture, draw(st.integers(20, 95)))
    return Original(kind, content, picture, 3 if "film" in kind else 1)


originals = st.one_of(jpegs(), others())
policies = st.sampled_from(MetadataPolicy)


def _short_exif(orientation: int) -> bytes:
    return full._tiff("<", {0x0112: orientation}, {}, b"")

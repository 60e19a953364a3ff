"""Photographs for the codec: drawn like nature, where every scale has as much in it as the next, or taken from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyvips

OCTAVES = 9
NOISE = 2.0
SUFFIXES = (".jpg", ".jpeg", ".png")


def drawn(width_px: int, height_px: int, seed: int) -> Any:
    """Clouds in three colours, cut by the edges of clouds before them, with a sensor's noise on them."""
    light = _clouds(width_px, height_px, seed)
    mask = _clouds(width_px, height_px, seed + 100) > 0
    light = mask.ifthenelse(light + 45, light * 0.6 - 20)
    colours = [_clouds(width_px, height_px, seed + number, finest=4) * 0.5 for number in (200, 300)]
    bands = [light + colours[0], light, light + colours[1]]
    joined = bands[0].bandjoin(bands[1:]) + 128
    noise = pyvips.Image.gaussnoise(width_px, height_px, sigma=NOISE, seed=seed)
    return (joined + noise).cast("uchar").copy(interpretation="srgb")


def of_folder(folder: Path, width_px: int, height_px: int, seed: int) -> Any:
    """A mosaic of the folder's photographs, as large as is wanted."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    tile_px = 640
    tiles = []
    for number in range(-(-width_px // tile_px) * -(-height_px // tile_px)):
        photo = pyvips.Image.new_from_file(str(files[(seed * 5 + number * 7) % len(files)])).colourspace(
            "srgb"
        )[:3]
        scaled = photo.resize(tile_px / min(photo.width, photo.height)).crop(0, 0, tile_px, tile_px)
        tiles.append(scaled.fliphor() if number % 2 else scaled)
    mosaic = pyvips.Image.arrayjoin(tiles, across=-(-width_px // tile_px)).crop(0, 0, width_px, height_px)
    noise = pyvips.Image.gaussnoise(width_px, height_px, sigma=NOISE, seed=seed)
    return (mosaic + noise).cast("uchar").copy(interpretation="srgb")


def jpeg(picture: Any, size_bytes: int) -> bytes:
    """A 4:2:0 JPEG with the codes of the standard, as cameras write them, of at most this size."""
    low, high = 40, 97
    while low < high:
        quality = (low + high + 1) // 2
        low, high = (quality, high) if len(_encoded(picture, quality)) <= size_bytes else (low, quality - 1)
    return _encoded(picture, low)


def ssim(content: bytes, reference: bytes) -> float:
    """How alike the light of two pictures is. Source: Wang et al. 2004, with a Gaussian window."""
    a, b = (
        pyvips.Image.new_from_buffer(each, "").colourspace("b-w").cast("float")
        for each in (content, reference)
    )
    mean_a, mean_b = _blurred(a), _blurred(b)
    variances = _blurred(a * a) - mean_a * mean_a + _blurred(b * b) - mean_b * mean_b
    covariance = _blurred(a * b) - mean_a * mean_b
    light = (mean_a * mean_b * 2 + 6.5025) / (mean_a * mean_a + mean_b * mean_b + 6.5025)
    return float((light * (covariance * 2 + 58.5225) / (variances + 58.5225)).avg())


def _blurred(image: Any) -> Any:
    return image.gaussblur(1.5, precision="float")


def _encoded(picture: Any, quality: int) -> bytes:
    return bytes(picture.jpegsave_buffer(Q=quality, subsample_mode="on", optimize_coding=False))


def _clouds(width_px: int, height_px: int, seed: int, finest: int = 0) -> Any:
    """Noise of every scale from the finest on, twice as strong where it is twice as wide, about 0."""
    total = pyvips.Image.black(width_px, height_px).cast("float")
    for octave in range(finest, OCTAVES):
        step = 2**octave
        small = pyvips.Image.gaussnoise(
            width_px // step + 2, height_px // step + 2, mean=0, sigma=1, seed=seed * 31 + octave
        )
        total += small.resize(step, kernel="linear").crop(0, 0, width_px, height_px) * (
            2.2 * 1.55**octave / 3
        )
    return total

"""Landscapes that nobody has seen, for pictures of the app: a sky, a sun or a moon, ridges in the haze, water."""

from __future__ import annotations

import numpy as np
import pyvips

PALETTES = (
    # the zenith, the horizon, the nearest ridge, the light
    ((38, 70, 120), (250, 190, 140), (28, 30, 52), (255, 236, 200)),
    ((96, 150, 200), (236, 240, 236), (38, 66, 58), (255, 250, 236)),
    ((22, 20, 48), (120, 70, 110), (10, 10, 24), (240, 236, 255)),
    ((70, 130, 150), (255, 226, 170), (70, 50, 34), (255, 244, 214)),
    ((150, 176, 196), (232, 226, 218), (62, 74, 84), (255, 255, 250)),
    ((40, 96, 110), (246, 160, 120), (24, 44, 50), (255, 220, 190)),
)


def landscape(seed: int, width_px: int = 1200, height_px: int = 800) -> bytes:
    """A JPEG; equal arguments give equal bytes."""
    rng = np.random.default_rng(seed)
    zenith, horizon, near, light = (np.array(colour, float) for colour in PALETTES[seed % len(PALETTES)])
    y, x = np.mgrid[0:height_px, 0:width_px] / height_px
    shore = rng.uniform(0.55, 0.75)
    depth = np.clip(y / shore, 0, 1)[..., None]
    picture = zenith * (1 - depth) + horizon * depth

    sun_x, sun_y, radius = (
        rng.uniform(0.2, 0.8) * width_px / height_px,
        rng.uniform(0.2, 0.45),
        rng.uniform(0.03, 0.07),
    )
    distance = np.hypot(x - sun_x, y - sun_y)
    glow = np.exp(-(distance**2) / 0.06) * 0.5 + np.clip((radius - distance) * 160, 0, 1)
    picture += (light - picture) * np.clip(glow, 0, 1)[..., None]

    ridges = 5
    for ridge in range(ridges):
        nearness = (ridge + 1) / ridges
        top = (
            shore
            - 0.26 * (1 - nearness)
            - _skyline(rng, width_px) * (0.08 + 0.1 * nearness)
            + 0.06 * nearness
        )
        cover = np.clip((y - top) * height_px / 2, 0, 1)
        colour = horizon * (1 - nearness) * 0.85 + near * nearness
        picture += (colour - picture) * cover[..., None]

    if seed % 3:
        picture = _mirrored(picture, int((shore + 0.08) * height_px))
    picture += rng.normal(0, 1.6, picture.shape)
    pixels = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
    return bytes(
        pyvips.Image.new_from_array(pixels).copy(interpretation="srgb").write_to_buffer(".jpg", Q=86)
    )


def _skyline(rng: np.random.Generator, width_px: int) -> np.ndarray:
    along = np.linspace(0, 1, width_px)
    line = np.zeros(width_px)
    for octave in range(6):
        knots = rng.uniform(-1, 1, 3 * 2**octave + 2)
        line += np.interp(along, np.linspace(0, 1, len(knots)), knots) / 1.9**octave
    return line


def _mirrored(picture: np.ndarray, water: int) -> np.ndarray:
    height = picture.shape[0]
    depth = np.arange(height - water)
    ripples = (np.sin(depth**0.8 * 2.1) * 2).astype(int)
    rows = np.clip(water - 1 - depth + ripples, 0, water - 1)
    picture[water:] = picture[rows] * 0.8
    return picture

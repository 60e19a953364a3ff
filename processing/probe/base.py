"""What a probe is told (the limits) and what it answers (the facts)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import errors

FRAMES_TOGETHER: Final = 5
"""All frames of an animation together have at most this many times the pixels that one frame may have."""


@dataclass(frozen=True)
class Limits:
    """What one picture may have; `FRAMES_TOGETHER` bounds its frames taken together."""

    max_pixels: int
    max_frames: int

    def check(self, width_px: int, height_px: int, frame_count: int = 1) -> None:
        """Refuses `frame_count` frames of this size when they are more than is decoded here.

        Args:
            width_px: At least 1.
            height_px: At least 1.
            frame_count: Those seen so far, or those announced.

        Raises:
            ImageTooLargeError: `limit_frames` is set when frames of this size come in, but not so many of them.
        """
        pixels = width_px * height_px
        if pixels > self.max_pixels:
            raise errors.ImageTooLargeError(self.max_pixels)
        most_frames = min(self.max_frames, FRAMES_TOGETHER * self.max_pixels // pixels)
        if frame_count > most_frames:
            raise errors.ImageTooLargeError(self.max_pixels, most_frames)


@dataclass(frozen=True)
class Probed:
    """What the bytes are; the sides are as displayed, after the turn that EXIF or AVIF's `irot` asks for."""

    media_type: str
    width_px: int
    height_px: int
    frame_count: int

"""What documents and the processes of the codec both speak of: plain values, which need no MongoDB to be understood."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class MetadataPolicy(StrEnum):
    """What everything derived from an original may still say of who took it, where and with what."""

    STRIP_ALL = "STRIP_ALL"
    STRIP_GPS = "STRIP_GPS"
    KEEP = "KEEP"


class Failure(BaseModel):
    """Why something ended badly, in a code for programs and a sentence for people."""

    code: str
    message: str
    retryable: bool


class CompressionMode(StrEnum):
    """What `value` means: a quality from 1 to 100, or the most that is left of an image's bytes, 0.05 to 0.95."""

    QUALITY = "QUALITY"
    TARGET_RATIO = "TARGET_RATIO"


class Compression(BaseModel):
    """How images are made smaller; `format` is None for the format of each."""

    mode: CompressionMode = CompressionMode.QUALITY
    value: float = 50
    format: str | None = None

    @property
    def recipe(self) -> str:
        """The same for the same compression: what a variant that was made so is known by."""
        return f"{self.mode}-{self.value:g}-{self.format or 'SAME'}"


class Details(BaseModel):
    """What the original says of itself; `orientation` is EXIF's, 1 to 8."""

    taken_at: datetime | None
    camera_make: str | None
    camera_model: str | None
    orientation: int | None
    has_alpha: bool
    frame_count: int
    color_space: str


class PrivacyReport(BaseModel):
    """What was found in the original's metadata, and the names of the tags that nothing derived carries any more."""

    had_gps: bool
    removed_tags: list[str]
    policy: MetadataPolicy

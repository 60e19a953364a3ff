"""What is made of an original in a child of the codec, other than a smaller one, and what comes of it.

Only data: the worker and the API, which decode nothing, say here what they want.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from models.values import Details, MetadataPolicy, PrivacyReport
from processing.recipes import ANIMATED_MEDIA_TYPES, Pictured, Recipe

PRESETS: Final = {"medium": 1024, "thumbnail": 256}
PRESET_MEDIA_TYPE: Final = "image/webp"


@dataclass(frozen=True)
class Original:
    """What is known of the bytes to be decoded: their kind, and the size and number of their frames."""

    media_type: str
    width_px: int
    height_px: int
    frame_count: int

    @classmethod
    def of(cls, image: Pictured) -> Original:
        """As the image's document says."""
        return cls(image.media_type, image.width_px, image.height_px, image.frame_count)

    @property
    def is_animated(self) -> bool:
        """Whether libvips decodes more than the first frame."""
        return self.frame_count > 1 and self.media_type in ANIMATED_MEDIA_TYPES

    @property
    def pixels(self) -> int:
        """Of all frames that are decoded."""
        return self.width_px * self.height_px * (self.frame_count if self.is_animated else 1)


@dataclass(frozen=True)
class Development:
    """All that an image has from the beginning: presets, placeholder, details and privacy report."""

    original: Original
    policy: MetadataPolicy


@dataclass(frozen=True)
class Rendering:
    """One variant on demand."""

    original: Original
    policy: MetadataPolicy
    recipe: Recipe


@dataclass(frozen=True)
class Preset:
    """A developed form: WebP, upright, sRGB, animated if the original is, with what the policy leaves of metadata."""

    name: str
    content: bytes
    width_px: int
    height_px: int


class PresetFacts(BaseModel):
    """A preset without its bytes."""

    name: str
    width_px: int
    height_px: int
    size_bytes: int


class Facts(BaseModel):
    """What a development finds out; the presets' bytes follow one another in the result.

    The thumbhash is in base64, the colour `#rrggbb`.
    """

    presets: list[PresetFacts]
    thumbhash: str
    dominant_color: str
    details: Details
    privacy: PrivacyReport


@dataclass(frozen=True)
class Developed:
    """All that was made of an original: presets from large to small, and what goes with them."""

    presets: list[Preset]
    facts: Facts


def developed(facts: Facts, content: memoryview) -> Developed:
    """The presets cut out of the result, in which they lie one behind the other."""
    presets, at = [], 0
    for each in facts.presets:
        cut = bytes(content[at : at + each.size_bytes])
        presets.append(Preset(each.name, cut, each.width_px, each.height_px))
        at += each.size_bytes
    return Developed(presets, facts)

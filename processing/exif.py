"""EXIF as libvips shows it: a field for each tag, `exif-ifd2-FNumber`, that holds `28/10 (f/2.8, Rational, 1 components, 8 bytes)`.

Where a block makes no sense, there are fewer fields; no value here is trusted to have the shape that its tag asks for.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from processing import vips

BLOCK: Final = "exif-data"
FIELD: Final = re.compile(r"exif-ifd([0-4])-(.+)")
"""Its directory and its tag."""
PLACE, THUMBNAIL, INTEROPERABILITY = "3", "1", "4"
"""Directories."""
MAX_TEXT_LENGTH: Final = 64

_WRITTEN: Final = re.compile(r"(.*), ASCII, \d+ components, \d+ bytes\)", re.DOTALL)
_NUMBER: Final = re.compile(r"(-?\d+(?:/-?\d+)?) \(.*", re.DOTALL)
_TIME: Final = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_SUB_SECOND: Final = re.compile(r"\d{1,9}")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")

_TEXT_FIELDS: Final = ("exif-ifd0-Make", "exif-ifd0-Model", "exif-ifd2-LensMake", "exif-ifd2-LensModel")
_TIME_FIELDS: Final = ("exif-ifd0-DateTime", "exif-ifd2-DateTimeOriginal", "exif-ifd2-DateTimeDigitized")
_SUB_SECOND_FIELDS: Final = ("exif-ifd2-SubSecTimeOriginal", "exif-ifd2-SubSecTimeDigitized")
_NUMBER_TAGS: Final = (
    "ExposureTime FNumber ExposureProgram ISOSpeedRatings ShutterSpeedValue ApertureValue BrightnessValue "
    "ExposureBiasValue MaxApertureValue MeteringMode LightSource Flash FocalLength FocalLengthIn35mmFilm "
    "ExposureMode WhiteBalance DigitalZoomRatio SceneCaptureType GainControl Contrast Saturation Sharpness"
)
_NUMBER_FIELDS: Final = tuple(f"exif-ifd2-{tag}" for tag in _NUMBER_TAGS.split())


def make(image: Any) -> str | None:
    """Who made the camera."""
    return safe_text(_text(image, "exif-ifd0-Make")) or None


def model(image: Any) -> str | None:
    """Which camera it was."""
    return safe_text(_text(image, "exif-ifd0-Model")) or None


def orientation(image: Any) -> int | None:
    """1 to 8; None where it says nothing, and for AVIF, which turns its pictures itself."""
    number = _NUMBER.fullmatch(_written(image, "exif-ifd0-Orientation"))
    return int(number[1]) if number and number[1] in set("12345678") else None


def taken_at(image: Any) -> datetime | None:
    """When the shutter opened; UTC where the camera does not say how its clock stood. None if it is no time."""
    parts = _SUB_SECOND.fullmatch(_text(image, "exif-ifd2-SubSecTimeOriginal"))
    offset = _OFFSET.fullmatch(_text(image, "exif-ifd2-OffsetTimeOriginal"))
    try:
        taken = datetime.strptime(_text(image, "exif-ifd2-DateTimeOriginal"), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - see below
        taken = taken.replace(microsecond=int(parts[0][:6].ljust(6, "0")) if parts else 0)
        return taken.replace(tzinfo=_zone(offset) if offset else UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def harmless(image: Any) -> dict[str, str]:
    """The fields of camera and time, each value in the only shape that its tag may have. No time zone: it is a place."""
    numbers = {field: _NUMBER.fullmatch(_written(image, field)) for field in _NUMBER_FIELDS}
    found = {field: match[1] for field, match in numbers.items() if match}
    for fields, shape in ((_TIME_FIELDS, _TIME), (_SUB_SECOND_FIELDS, _SUB_SECOND)):
        found |= {field: text for field in fields if shape.fullmatch(text := _text(image, field))}
    found |= {field: text for field in _TEXT_FIELDS if (text := safe_text(_text(image, field)))}
    return {field: f"{value} ()" for field, value in found.items()}  # libvips cuts the last brackets off


def all_but_thumbnail(image: Any) -> dict[str, Any]:
    """The block and its fields, without the directory of the thumbnail and without the orientation."""
    found = {
        field[0]: image.get(field[0])
        for field in map(FIELD.fullmatch, vips.fields(image))
        if field and field[1] != THUMBNAIL and field[2] != "Orientation"
    }
    return found | {BLOCK: image.get(BLOCK)} if found else {}


def safe_text(text: str) -> str:
    """Without control characters and the like, trimmed, not longer than `MAX_TEXT_LENGTH`."""
    shown = "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in text)
    return " ".join(shown.split())[:MAX_TEXT_LENGTH].rstrip()


def _zone(offset: re.Match[str]) -> timezone:
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return timezone(-ahead if offset[1] == "-" else ahead)


def _text(image: Any, field: str) -> str:
    """A tag's text; empty if it has none. libvips writes it twice: `text (text, ASCII, 5 components, 5 bytes)`."""
    written = _WRITTEN.fullmatch(_written(image, field))
    if written is None:
        return ""
    text = written[1][: (len(written[1]) - 2) // 2]
    return text.strip() if written[1] == f"{text} ({text}" else ""


def _written(image: Any, field: str) -> str:
    return str(image.get(field)) if image.get_typeof(field) else ""

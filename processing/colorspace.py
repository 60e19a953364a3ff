"""Which colours an original's numbers mean, in one word.

Source: ICC.1:2022, 7.2 (header), 7.3 (tag table), 10.15 (multiLocalizedUnicodeType); ICC.1:2001-04, 6.5.17
(textDescriptionType).
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final

SRGB: Final = "srgb"
UNKNOWN: Final = "unknown"
MAX_NAME_LENGTH: Final = 64

_PROFILE: Final = "icc-profile-data"
_ADOBE_RGB_MARK: Final = "R03"  # DCF: how cameras say Adobe RGB without a profile
_WITHOUT_PROFILE: Final = {"b-w": "gray", "grey16": "gray", "cmyk": "cmyk", "lab": "lab"}
_KNOWN: Final = (
    (re.compile("srgb|^c2$"), SRGB),  # c2 is the smallest profile of sRGB that is about
    (re.compile("display-p3|^sp3c$"), "display-p3"),
    (re.compile("adobe-rgb"), "adobe-rgb"),
    (re.compile("prophoto|romm"), "prophoto-rgb"),
    (re.compile("2020"), "rec2020"),
)
_HEADER_BYTES: Final = 128
_MAX_TAGS: Final = 100


def of(image: Any) -> str:
    """`srgb`, `display-p3`, `adobe-rgb`, `prophoto-rgb`, `rec2020`, `gray`, `cmyk` or `lab`; else the name that the
    colour profile has, in small letters, digits and hyphens; `unknown` if that is nothing.
    """
    if image.interpretation in _WITHOUT_PROFILE:
        return _WITHOUT_PROFILE[image.interpretation]
    if image.get_typeof(_PROFILE):
        return _word(_description(image.get(_PROFILE)))
    mark = "exif-ifd4-InteroperabilityIndex"
    is_adobe = image.get_typeof(mark) and image.get(mark).startswith(_ADOBE_RGB_MARK)
    return "adobe-rgb" if is_adobe else SRGB


def _word(description: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", description.lower()).strip("-")[:MAX_NAME_LENGTH].rstrip("-")
    known = (word for pattern, word in _KNOWN if pattern.search(name))
    return next(known, name or UNKNOWN)


def _description(profile: bytes) -> str:
    """The profile's name; empty where the profile makes no sense."""
    try:
        (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
        for number in range(min(count, _MAX_TAGS)):
            tag, offset, size = struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * number)
            if tag == b"desc":
                return _text(profile[offset : offset + size])
    except struct.error:  # cut short
        pass
    return ""


def _text(element: bytes) -> str:
    if element.startswith(b"mluc"):
        length, offset = struct.unpack_from(">II", element, 20)  # of the first language
        return element[offset : offset + length].decode("utf-16-be", "replace")
    if element.startswith(b"desc"):
        (length,) = struct.unpack_from(">I", element, 8)
        return element[12 : 12 + length].partition(b"\0")[0].decode("ascii", "replace")
    return ""

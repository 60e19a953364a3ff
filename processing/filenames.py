"""The name that a client gave its file, made fit to be shown, logged and sent in a header."""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 255
UNNAMED = "image"


def safe(name: str, unnamed: str = UNNAMED) -> str:
    """The last part of a path, without control, format or surrogate characters, at most MAX_CHARACTERS long.

    It never names a place: object keys are made of ids alone (`storage/keys.py`).
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    spaced = "".join(
        " " if unicodedata.category(c) == "Zs" else c for c in unicodedata.normalize("NFC", last)
    )
    shown = "".join(c for c in spaced if c.isprintable())
    trimmed = shown.strip().lstrip(".")
    return _shortened(trimmed) or unnamed


def _shortened(name: str) -> str:
    """At most MAX_CHARACTERS, the extension kept."""
    if len(name) <= MAX_CHARACTERS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 10:  # noqa: PLR2004 - longer than any extension
        return name[:MAX_CHARACTERS]
    return stem[: MAX_CHARACTERS - len(dot + extension)] + dot + extension

"""Kinds of values that several settings have."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

INT_MAX: Final = 2**31 - 1
"""The largest GraphQL Int: `Service` publishes the limits, so none may be larger."""

DAY_SECONDS: Final = 24 * 60 * 60

Limit = Annotated[int, Field(ge=1, le=INT_MAX)]
Seconds = Annotated[int, Field(ge=1, le=INT_MAX)]


def listed(text: object) -> object:
    """What a variable lists, separated by commas; a value that is no text stays as it is."""
    if not isinstance(text, str):
        return text
    return tuple(entry.strip().rstrip("/") for entry in text.split(",") if entry.strip())

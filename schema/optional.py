"""Arguments that may be left out."""

from __future__ import annotations

from typing import TypeVar

import strawberry

Value = TypeVar("Value")


def given(value: Value | None) -> Value | None:
    """The value; None where a client left it out, as where it sent null."""
    return None if value is strawberry.UNSET else value

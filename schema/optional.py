"""Arguments that may be left out."""

from __future__ import annotations

from typing import TypeVar

import strawberry

from resolvers.labels import Kept

Value = TypeVar("Value")


def given(value: Value | None) -> Value | None:
    """The value; None where a client left it out, as where it sent null."""
    return None if value is strawberry.UNSET else value


def kept_or(value: Value) -> Value | Kept:
    """The value, be it null; KEPT where a client left it out."""
    return Kept.KEPT if value is strawberry.UNSET else value

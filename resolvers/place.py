"""How far a source of events has come, said to whoever runs subscriptions: those who are at one place can share a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from errors import BadUserInputError
from models.moment import Moment


@dataclass(frozen=True)
class Place:
    """No news: everything up to `position` was told, and whoever knows that will hear the same from here on."""

    position: int | Moment
    is_place: ClassVar[bool] = True


def require_sequence(after: int | None) -> None:
    """Refuses an `after` that no change can have.

    Raises:
        BadUserInputError: It is negative.
    """
    if after is not None and after < 0:
        raise BadUserInputError("`after` is a sequence, 0 or more.")

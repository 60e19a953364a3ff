"""Pages of a list, asked for as Relay's cursor connections do."""

from __future__ import annotations

from dataclasses import dataclass

from errors import BadUserInputError
from models.page import Order, Position, Window

DEFAULT_SIZE, LARGEST_SIZE = 20, 100


@dataclass(frozen=True)
class Paging:
    """The four arguments of a connection, as they were given."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def window(self, order: Order) -> Window:
        """What is asked for of a list in this order: the first DEFAULT_SIZE unless something else is.

        Raises:
            BadUserInputError: `first` and `last` at once, a size that is not 1 to LARGEST_SIZE, or no cursor.
        """
        if self.first is not None and self.last is not None:
            raise BadUserInputError("`first` and `last` exclude each other: ask for one of them.")
        return Window(
            order,
            _size("first", self.first) or _size("last", self.last) or DEFAULT_SIZE,
            from_end=self.last is not None,
            after=_position("after", self.after, order),
            before=_position("before", self.before, order),
        )


def most(first: int | None, last: int | None) -> int:
    """How many entries a page has at most that is asked for so."""
    sizes = [size for size in (first, last) if size is not None]
    return min(max(sizes, default=DEFAULT_SIZE), LARGEST_SIZE)


def most_first(first: int | None) -> int:
    """As `most`, of a list that is read from its beginning only."""
    return most(first, None)


def _size(argument: str, size: int | None) -> int | None:
    if size is not None and not 1 <= size <= LARGEST_SIZE:
        raise BadUserInputError(f"`{argument}` is 1 to {LARGEST_SIZE}.")
    return size


def _position(argument: str, cursor: str | None, order: Order) -> Position | None:
    if cursor is None:
        return None
    if position := Position.decode(cursor, order):
        return position
    raise BadUserInputError(
        f"`{argument}` is not a cursor of this list. Take one from a page in the same order."
    )

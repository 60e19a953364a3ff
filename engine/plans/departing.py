"""How a plan gives up: it departs from its own path, and graphql-core completes the operation."""

from __future__ import annotations

from inspect import iscoroutine
from types import GeneratorType
from typing import Any, NoReturn

from graphql.pyutils import Undefined, is_awaitable


class UnsupportedError(Exception):
    """The operation holds something that no plan is written for; its text says what."""


class Departure(BaseException):
    """Something came that the plan does not foresee."""


def depart(value: object = None) -> NoReturn:
    """Gives up; a value that will not be awaited is let go."""
    let_go(value)
    raise Departure


def let_go(value: object) -> None:
    """Closes what was to be awaited and will not be, lest Python complains."""
    if iscoroutine(value):
        value.close()


class Unknown:
    """Stands for the path in what nested resolvers are told: a plan keeps no paths, and whoever needs one gets graphql-core."""

    def __getattribute__(self, name: str) -> Any:
        raise Departure

    def _depart(self, *_: object) -> NoReturn:
        raise Departure

    __repr__ = __str__ = __eq__ = __hash__ = __iter__ = __len__ = __getitem__ = __bool__ = _depart


UNKNOWN: Any = Unknown()


class Vetted:
    """The classes of values that are values: no nulls, no errors, nothing that must be awaited first."""

    def __init__(self) -> None:
        self.classes: set[type] = set()

    def vet(self, value: object) -> None:
        """Remembers the value's class, or departs."""
        if value is None or value is Undefined or isinstance(value, (Exception, GeneratorType)):
            depart()
        if is_awaitable(value):
            depart()  # it may be held by what graphql-core will go on from
        self.classes.add(value.__class__)


class Prompt:
    """The classes of what resolvers give at once."""

    def __init__(self) -> None:
        self.classes: set[type] = set()

    def late(self, value: object) -> object:
        """The value if it must be awaited; otherwise None, and its class is remembered."""
        if is_awaitable(value):
            return value
        if not isinstance(value, GeneratorType):
            self.classes.add(value.__class__)
        return None

    def held(self, value: object) -> None:
        """Departs if the value must be awaited: awaiting what an object holds would take it from graphql-core."""
        if self.late(value) is not None:
            depart()

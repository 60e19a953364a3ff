"""How a plan gives up: it departs from its own path, and graphql-core completes the operation."""

from __future__ import annotations

from inspect import iscoroutine
from types import GeneratorType
from typing import Any, NoReturn

from graphql.pyutils import Undefined
from graphql.pyutils import is_awaitable as is_awaitable_value


class UnsupportedError(Exception):
    """The operation holds something that no plan is written for; its text says what."""


class Departure(BaseException):
    """Something came that the plan does not foresee."""


def depart(value: object = None) -> NoReturn:
    """Gives up; a coroutine that will not be awaited is closed."""
    if iscoroutine(value):
        value.close()
    raise Departure


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
        if is_awaitable_value(value):
            depart(value)
        self.classes.add(value.__class__)

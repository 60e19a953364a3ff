"""Python values that resolvers may give for a leaf: such as fit its type, and such as nobody should give."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import math
import uuid
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, Undefined

from errors import BadUserInputError, ResourceNotFoundError


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Real(float):
    pass


class Hue(enum.Enum):
    BLUE = "blue"


class Word(enum.StrEnum):
    GREY = "grey"


class Count(enum.IntEnum):
    SEVEN = 7


class Worded:
    """Has words and a number, and is neither."""

    def __repr__(self) -> str:
        return "Worded()"

    def __str__(self) -> str:
        return "words"

    def __int__(self) -> int:
        return 5

    def __index__(self) -> int:
        return 5

    def __bool__(self) -> bool:
        return False


class Wordless:
    """Cannot even be told what it is."""

    def __repr__(self) -> str:
        raise RuntimeError("no words")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not to be compared")

    __hash__ = None  # type: ignore[assignment]


class NamedError(Exception):
    """Looks like one of graphql's own: has extensions."""

    extensions = {"code": "NAMED"}  # noqa: RUF012


INTEGERS = (0, 1, -7, 2**31 - 1, -(2**31), True, 3.0, "12", Whole(5), Real(4.0), Count.SEVEN)
FLOATS = (
    1.5,
    0,
    -0.0,
    2,
    True,
    "1.25",
    Real(2.5),
    1e300,
    2**40,
    decimal.Decimal("0.5"),
    fractions.Fraction(1, 2),
)
STRINGS = (
    "", "a", "ü\u2028\x00", "\U0001f600", Text("s"), True, False, 1, 1.5, 2**70, Word.GREY,
    Worded(), uuid.UUID(int=7), dt.date(2024, 2, 29), decimal.Decimal("1.0"),
)  # fmt: skip
BOOLEANS = (True, False, 1, 0, 0.0, 2.5, decimal.Decimal(0))
IDS = ("a", "", Text("s"), 7, 2**63, "007", 1.0, Whole(3), uuid.UUID(int=8))
ODDS = ("fine", 3, "kept", ("a", 1))
JSONS = ({"b": [1, {"a": None}], "a": 2}, [], "x", 0, False, [[1.5]], {"__typename": "Cat"}, {})

LEAVES: dict[str, tuple[Any, ...]] = {
    "Int": INTEGERS,
    "Float": FLOATS,
    "String": STRINGS,
    "Boolean": BOOLEANS,
    "ID": IDS,
    "Odd": ODDS,
    "Bare": JSONS,
    "Json": JSONS,
}

WRONG: tuple[Any, ...] = (
    None, Undefined, 2**31, -(2**31) - 1, 10**400, 1.5, math.nan, math.inf, -math.inf, "", "x", "\ud800", "RED", b"bytes", bytearray(b"x"),
    [], [None], {}, {"a": 1}, (), (1, "2"), range(2), object, Wordless(), Worded(), 1j, "raise", "none", "undefined",
    "array", Hue.BLUE, frozenset({1}), decimal.Decimal("NaN"), GraphQLError, ..., NotImplemented,
)  # fmt: skip


def _faults() -> dict[str, Callable[[], Exception]]:
    return {
        "plain": lambda: RuntimeError("secret"),
        "refusal": lambda: BadUserInputError("`first` must be at most 100."),
        "not found": ResourceNotFoundError,
        "graphql": lambda: GraphQLError("No."),
        "coded": lambda: GraphQLError("No.", extensions={"code": "FORBIDDEN", "why": [1]}),
        "pathed": lambda: GraphQLError("Elsewhere.", path=["elsewhere", 1]),
        "named": lambda: NamedError("named"),
        "type": lambda: TypeError("type"),
        "stop": lambda: StopIteration("stop"),
        "stop async": lambda: StopAsyncIteration("stop"),
        "key": lambda: KeyError("key"),
        "attribute": lambda: AttributeError("attribute"),
        "index": lambda: IndexError("index"),
        "recursion": lambda: RecursionError("recursion"),
        "time": TimeoutError,
        "group": lambda: ExceptionGroup("several", [ValueError("one")]),
    }


FAULTS = _faults()
KINDS_OF_FAULTS = tuple(FAULTS)

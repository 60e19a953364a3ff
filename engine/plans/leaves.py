"""Leaves of an answer: what is checked in line, and what is left to the type's own function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.pyutils import Undefined

from engine.plans.departing import Vetted, depart

LARGEST_FLOAT = "1.7976931348623157e308"
PLAIN = {
    GraphQLString: "{v}.__class__ is str",
    GraphQLID: "{v}.__class__ is str",
    GraphQLBoolean: "{v}.__class__ is bool",
    GraphQLInt: "{v}.__class__ is int and -2147483648 <= {v} <= 2147483647",
    GraphQLFloat: f"{{v}}.__class__ is float and -{LARGEST_FLOAT} <= {{v}} <= {LARGEST_FLOAT}",
}
"""When a value goes out as it is, by graphql-core's own scalars."""

TEXT = "{v}.__class__ is str"
"""When it does by any other that makes text of whatever it is given."""


def plain(leaf_type: GraphQLLeafType, variable: str) -> str | None:
    """The condition, as Python, under which the variable needs no coercion; None if it always does."""
    if cast("Any", leaf_type).coerce_output_value is str:
        return TEXT.format(v=variable)
    return next(
        (condition.format(v=variable) for known, condition in PLAIN.items() if known is leaf_type), None
    )


def coercion(leaf_type: GraphQLLeafType, *, nullable: bool) -> Callable[[Any], Any]:
    """What becomes of any other value."""
    coerce, vetted = leaf_type.coerce_output_value, Vetted()
    classes = vetted.classes

    def coerced(value: Any) -> Any:
        if value.__class__ not in classes:
            if value is None or value is Undefined:
                return None if nullable else depart()
            vetted.vet(value)
        leaf = coerce(value)
        return depart() if leaf is None or leaf is Undefined else leaf

    return coerced


def listed(value: Any) -> Any:
    """A list that may be gone through again; null stays null, and whatever else there is is not for a plan."""
    if value is None or isinstance(value, (list, tuple)):
        return value
    return None if value is Undefined else depart(value)

"""How a schema says what its fields may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import GraphQLField

COST: Final = "cost"
"""Where a field's cost stands in its extensions."""

PAGE: Final = "page"
"""The size of a list that is as long as the page which a field above it declares, as in Relay's connections."""

ASSUMED_SIZE: Final = 10
"""Of a list that declares none."""


@dataclass(frozen=True)
class Measure:
    """A number that follows from arguments.

    Attributes:
        function: Takes the values of the arguments in this order, coerced; None for null and for what is not given.
    """

    function: Callable[..., int]
    arguments: tuple[str, ...]


def by(function: Callable[..., int], *arguments: str) -> Measure:
    """The number that `function` finds in these arguments, which have their GraphQL names."""
    return Measure(function, arguments)


Number = int | Measure


@dataclass(frozen=True)
class Cost:
    """What one field may cost at most. Each object that it may answer is a node beside that.

    Attributes:
        size: How many entries a list has, or PAGE.
        page: How long lists of the size PAGE are in the objects below.
        units: What the field costs by itself, once for each object that it is asked of: nodes, or units of the schema's own.
    """

    size: Number | str = ASSUMED_SIZE
    page: Number = ASSUMED_SIZE
    units: Mapping[str, Number] = field(default_factory=dict)


FREE: Final = Cost()


def of(definition: GraphQLField) -> Cost:
    """What a field declares."""
    declared: Cost = definition.extensions.get(COST, FREE)
    return declared

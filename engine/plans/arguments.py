"""Which arguments may be shared by all the calls of a field in one run: a resolver may change what it is given."""

from __future__ import annotations

from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_specified_scalar_type,
)


class Sharing(Enum):
    """How a field's arguments come to each of its calls."""

    SHARED = "nobody can change them"
    COPIED = "there are lists among them"
    ANEW = "there may be anything among them"


def sharing(field: GraphQLField) -> Sharing:
    """What the types of the arguments allow."""
    types = [argument.type for argument in field.args.values()]
    if not all(_is_immutable(get_named_type(each)) for each in types):
        return Sharing.ANEW
    return Sharing.COPIED if any(_is_list(each) for each in types) else Sharing.SHARED


def copied(arguments: dict[str, Any]) -> dict[str, Any]:
    """The same, with lists of their own."""
    return {name: _copied(value) for name, value in arguments.items()}


def _copied(value: Any) -> Any:
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _is_immutable(named_type: Any) -> bool:
    return is_specified_scalar_type(named_type) or isinstance(named_type, GraphQLEnumType)


def _is_list(argument_type: Any) -> bool:
    inner = argument_type.of_type if isinstance(argument_type, GraphQLNonNull) else argument_type
    return isinstance(inner, GraphQLList)

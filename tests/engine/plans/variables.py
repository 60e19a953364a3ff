"""Values for variables, as clients send them: fitting, missing, null, or of another type."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLSchema,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    parse_type,
    type_from_ast,
)
from hypothesis import strategies as st

from tests.engine.plans.arguments import Variable
from tests.engine.plans.choices import Choices

Fit = dict[str, tuple[Any, ...]]

FIT: Fit = {
    "Int": (0, 1, -7, 3.0, 2**31 - 1),
    "Float": (0, 1.5, 7, -0.0, 1e300),
    "String": ("", "a", "ü", "name"),
    "Boolean": (True, False),
    "ID": ("a", 7, "", "Cat"),
    "Odd": ("fine", 3, {"a": [1]}, [], 1.5),
    "Json": ({"a": 1}, [None], "x", 7, {}),
}
OTHERWISE = ("x", 1)
MISFIT = (
    None, "x", 1.5, True, 2**31, 10**400, float("nan"), [], [None], {}, {"a": 1}, [[1]], "RED", "raise", "refuse",
    "none", "undefined", 13, {"n": None}, {"int": 1, "text": "x"}, {"int": None},
)  # fmt: skip


def _value(choices: Choices, wanted: Any, fit: Fit, depth: int) -> Any:
    if choices.chance(2):
        return choices.one_of(MISFIT)
    if is_non_null_type(wanted):
        wanted = wanted.of_type
    elif choices.chance(8):
        return None
    if is_list_type(wanted):
        if choices.chance(10):
            return _value(choices, wanted.of_type, fit, depth)
        return [_value(choices, wanted.of_type, fit, depth - 1) for _ in range(choices.below(4))]
    if is_input_object_type(wanted):
        return _object(choices, wanted, fit, depth)
    return choices.one_of(list(wanted.values) if is_enum_type(wanted) else fit.get(wanted.name, OTHERWISE))


def _object(choices: Choices, wanted: Any, fit: Fit, depth: int) -> dict[str, Any]:
    chosen = [choices.one_of(list(wanted.fields))] if wanted.is_one_of else list(wanted.fields)
    return {
        name: _value(choices, wanted.fields[name].type, fit, depth - 1)
        for name in chosen
        if wanted.is_one_of
        or is_required_input_field(wanted.fields[name])
        or (depth > 0 and choices.chance(40))
    }


@st.composite
def values(
    draw: Any, schema: GraphQLSchema, declared: list[Variable], *, fit: Fit | None = None
) -> dict[str, Any] | None:
    """Values for some of the variables, mostly right ones; `fit` are those of leaves of these types."""
    choices = Choices(draw)
    given = {}
    for variable in declared:
        wanted = type_from_ast(schema, parse_type(str(variable.type)))
        is_given = is_non_null_type(wanted) and variable.default is None
        if not choices.chance(3 if is_given else 25):
            given[variable.name] = (
                choices.one_of(MISFIT) if choices.chance(4) else _value(choices, wanted, FIT | (fit or {}), 3)
            )
    return given or None

"""Writes how a value becomes what stands in the answer, by its type; what no type allows departs from the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    Executor,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
)

from engine.plans import leaves
from engine.plans.selections import Field
from engine.plans.text import Text

LEAF = (GraphQLScalarType, GraphQLEnumType)
Lines = list[str]
Object = Callable[[GraphQLObjectType, Field, str], str]
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


class Values:
    """Writes completions into one plan's text.

    Args:
        text: Where to.
        core: graphql-core's executor of the operation.
        of_object: Writes the function of an object and gives its name.
    """

    def __init__(self, text: Text, core: Executor[Any], of_object: Object) -> None:
        self._text = text
        self._core = core
        self._of_object = of_object

    def completed(self, variable: str, field: Field, told: Callable[[Field], str]) -> Lines:
        """Lines that turn a field's value, in place, into what stands in the answer."""
        output_type = field.definition.type
        named = get_named_type(output_type)
        asks = is_abstract_type(named) or (isinstance(named, GraphQLObjectType) and named.is_type_of)
        return self._lines(variable, output_type, field, told(field) if asks else "")

    def plain(self, variable: str, field: Field) -> str | None:
        """The condition under which a field's value goes out as it is; None if it never does."""
        _, inner = _unwrapped(field.definition.type)
        return leaves.plain(inner, variable) if isinstance(inner, LEAF) else None

    def _lines(self, variable: str, output_type: GraphQLOutputType, field: Field, told: str) -> Lines:
        nullable, inner = _unwrapped(output_type)
        if isinstance(inner, LEAF):
            return [self._leaf(variable, inner, nullable=nullable)]
        if isinstance(inner, GraphQLList):
            return self._list(variable, inner, field, told, nullable=nullable)
        made = f"{variable} = {self._composite(inner, field, told)}({variable})"
        return [f"if {variable} is not None: {made}" if nullable else made]

    def _leaf(self, variable: str, leaf_type: GraphQLLeafType, *, nullable: bool) -> str:
        condition = leaves.plain(leaf_type, variable)
        coerce = f"{variable} = {self._coercion(leaf_type, nullable=nullable)}({variable})"
        return coerce if condition is None else f"if not ({condition}): {coerce}"

    def _coercion(self, leaf_type: GraphQLLeafType, *, nullable: bool) -> str:
        return self._text.constant("l", leaves.coercion(leaf_type, nullable=nullable))

    def _list(
        self, variable: str, list_type: GraphQLList[Any], field: Field, told: str, *, nullable: bool
    ) -> Lines:
        checked = f"if {variable}.__class__ is not list: {variable} = listed({variable})"
        made = f"{variable} = [{self._item(list_type.of_type, field, told)} for x in {variable}]"
        if nullable:
            return [checked, f"if {variable} is not None: {made}"]
        return [checked, f"if {variable} is None: depart()", made]

    def _item(self, item_type: GraphQLOutputType, field: Field, told: str) -> str:
        """An expression for `x`, an item of a list."""
        nullable, inner = _unwrapped(item_type)
        if isinstance(inner, LEAF):
            coerced = f"{self._coercion(inner, nullable=nullable)}(x)"
            condition = leaves.plain(inner, "x")
            return f"x if {condition} else {coerced}" if condition else coerced
        if isinstance(inner, GraphQLList):
            lines = self._lines("v", item_type, field, told)
            return f"{self._text.function('c', 'v', [*lines, 'return v'])}(x)"
        made = f"{self._composite(inner, field, told)}(x)"
        return f"None if x is None else {made}" if nullable else made

    def _composite(self, composite: Composite, field: Field, told: str) -> str:
        """The function of an object, or one that finds out which kind of object it is."""
        if isinstance(composite, GraphQLObjectType):
            return self._of_object(composite, field, told)
        possible = self._core.schema.get_possible_types(composite)
        cases = self._text.table({each.name: self._of_object(each, field, told) for each in possible})
        resolve = self._text.constant("r", composite.resolve_type or self._core.type_resolver)
        lines = [
            "if v.__class__ not in vetted: vet(v)",
            f"n = {resolve}(v, {told}, {self._text.constant('t', composite)})",
            f"case = {cases}.get(n) if isinstance(n, str) else None",
            "return depart(n) if case is None else case(v)",
        ]
        return self._text.function("u", "v", lines)


def _unwrapped(output_type: Any) -> tuple[bool, Any]:
    """Whether null may stand there, and what else does."""
    nullable = not isinstance(output_type, GraphQLNonNull)
    return nullable, output_type if nullable else output_type.of_type

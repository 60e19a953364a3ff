"""What a document says of the arguments that a cost depends on: values, or where variables will have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInt,
    ListValueNode,
    NameNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    VariableValues,
    coerce_input_literal,
    get_argument_values,
    is_required_argument,
)

from engine.costs.amounts import Amount, Program
from engine.costs.declared import Measure

Read = Callable[[VariableValues], Any]
NO_ARGUMENTS = FieldNode(name=NameNode(value="it"))


def measured(
    measure: Measure,
    defined: Mapping[str, GraphQLArgument],
    node: FieldNode | DirectiveNode,
    program: Program,
) -> Amount:
    """The number, worked out now unless variables decide it. It is never below 0."""
    given = {argument.name.value: argument for argument in node.arguments or ()}
    found = [_read(defined[name], given.get(name)) for name in measure.arguments]
    reads = [read for read, _ in found]

    def number(variables: VariableValues) -> int:
        return max(0, measure.function(*[read(variables) for read in reads]))

    is_known = all(known for _, known in found)
    return number(VariableValues({}, {})) if is_known else program.measured(number)


def _read(argument: GraphQLArgument, given: ArgumentNode | None) -> tuple[Read, bool]:
    """How the argument's value is read, and whether it is the same with all variables."""
    default = _default(argument)
    if given is None:
        return lambda _: default, True
    value = given.value
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda variables: variables.coerced.get(name, default), False
    if _mentions_variables(value):
        return lambda variables: _coerced(value, argument, variables), False
    known = _coerced(value, argument, None)
    return lambda _: known, True


def _default(argument: GraphQLArgument) -> Any:
    """The value of an argument that is not given; None if there is none."""
    if is_required_argument(argument):
        return None
    alone = GraphQLField(GraphQLInt, args={"it": argument})
    return next(iter(get_argument_values(alone, NO_ARGUMENTS).values()), None)


def _coerced(value: ValueNode, argument: GraphQLArgument, variables: VariableValues | None) -> Any:
    coerced = coerce_input_literal(value, argument.type, variables)
    return None if coerced is Undefined else coerced


def _mentions_variables(value: ValueNode) -> bool:
    left = [value]
    while left:
        node = left.pop()
        if isinstance(node, VariableNode):
            return True
        if isinstance(node, ListValueNode):
            left.extend(node.values)
        elif isinstance(node, ObjectValueNode):
            left.extend(field.value for field in node.fields)
    return False

"""Walks an operation once: each fragment is weighed once, however often it is spread.

Fields that execution merges are counted each, and of a union's members all: what is found is the most, never too low.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)
from graphql.type import GraphQLCompositeType

from engine.costs import arguments, declared
from engine.costs.amounts import Amount, Program
from engine.costs.declared import ASSUMED_SIZE, PAGE, Cost, Measure, Number, by

NODES = "nodes"
SWITCHES = {
    "skip": (GraphQLSkipDirective, by(lambda condition: int(condition is not True), "if")),
    "include": (GraphQLIncludeDirective, by(lambda condition: int(condition is not False), "if")),
}

Units = dict[str, Amount]


@dataclass(frozen=True)
class Weight:
    """What a selection may cost for one object.

    Attributes:
        fixed: Whatever it stands in.
        paged: For each entry of the page that a field above declares.
    """

    fixed: Units = field(default_factory=dict)
    paged: Units = field(default_factory=dict)


NOTHING = Weight()


class Analysis:
    """Weighs one operation; a valid one of this schema.

    Attributes:
        program: The steps that its amounts refer to.
        levers: The arguments that its cost depends on, as a message names them.
    """

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.program = Program()
        self.levers: dict[str, None] = {}
        self._schema = schema
        self._fragments = fragments
        self._weights: dict[str, Weight] = {}

    def operation(self, definition: OperationDefinitionNode) -> Units:
        """What the operation may cost."""
        root = self._schema.get_root_type(definition.operation)
        assert root is not None  # noqa: S101 - it was validated
        weight = self._selections(root, definition.selection_set)
        return self._merged([weight.fixed, self._scaled(ASSUMED_SIZE, weight.paged)])

    def _selections(self, parent: GraphQLCompositeType, selections: SelectionSetNode) -> Weight:
        weights = [self._selection(parent, node) for node in selections.selections]
        return Weight(
            self._merged(weight.fixed for weight in weights), self._merged(weight.paged for weight in weights)
        )

    def _selection(self, parent: GraphQLCompositeType, node: SelectionNode) -> Weight:
        if isinstance(node, FieldNode):
            weight = self._field(parent, node)
        elif isinstance(node, InlineFragmentNode):
            inner = self._typed(node.type_condition) if node.type_condition else parent
            weight = self._selections(inner, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            weight = self._fragment(node.name.value)
        for directive in node.directives or ():
            switch = self._switch(directive)
            weight = Weight(self._scaled(switch, weight.fixed), self._scaled(switch, weight.paged))
        return weight

    def _fragment(self, name: str) -> Weight:
        if name not in self._weights:
            fragment = self._fragments[name]
            self._weights[name] = self._selections(
                self._typed(fragment.type_condition), fragment.selection_set
            )
        return self._weights[name]

    def _field(self, parent: GraphQLCompositeType, node: FieldNode) -> Weight:
        if node.name.value.startswith("__"):  # the schema itself, which limits of its own bound
            return NOTHING
        definition = self._schema.get_field(parent, node.name.value)
        assert definition is not None  # noqa: S101 - it was validated
        cost = declared.of(definition)
        self._note_levers(cost, node.name.value)
        own = {unit: self._number(number, definition, node) for unit, number in cost.units.items()}
        inner = self._object(definition, node)
        if cost.size == PAGE:
            return Weight(own, inner)
        lists = _list_levels(definition)
        if lists and inner:
            size = self._number(cost.size, definition, node)
            inner = self._scaled(self.program.times(*[size] * lists), inner)
        return Weight(self._merged([own, inner]))

    def _object(self, definition: GraphQLField, node: FieldNode) -> Units:
        """What one object costs that the field answers, itself included; nothing if it answers none."""
        named = get_named_type(definition.type)
        if not is_composite_type(named) or node.selection_set is None:
            return {}
        below = self._selections(named, node.selection_set)
        paged: Units = {}
        if below.paged:
            page = self._number(declared.of(definition).page, definition, node)
            paged = self._scaled(page, below.paged)
        return self._merged([{NODES: 1}, below.fixed, paged])

    def _number(self, number: Number | str, definition: GraphQLField, node: FieldNode) -> Amount:
        if not isinstance(number, Measure):
            return int(number)
        return arguments.measured(number, definition.args, node, self.program)

    def _note_levers(self, cost: Cost, field_name: str) -> None:
        for number in (cost.size, cost.page, *cost.units.values()):
            if isinstance(number, Measure):
                names = " or ".join(f"`{name}`" for name in number.arguments)
                self.levers[f"{names} of `{field_name}`"] = None

    def _switch(self, directive: DirectiveNode) -> Amount:
        """1 where the directive lets a selection stand, 0 where it does not."""
        if directive.name.value not in SWITCHES:
            return 1
        definition, measure = SWITCHES[directive.name.value]
        return arguments.measured(measure, definition.args, directive, self.program)

    def _typed(self, condition: NamedTypeNode) -> GraphQLCompositeType:
        named = self._schema.get_type(condition.name.value)
        assert is_composite_type(named)  # noqa: S101 - it was validated
        return named

    def _merged(self, parts: Iterable[Units]) -> Units:
        """What all of them cost together."""
        amounts: dict[str, list[Amount]] = {}
        for part in parts:
            for unit, amount in part.items():
                amounts.setdefault(unit, []).append(amount)
        return {unit: self.program.total(listed) for unit, listed in amounts.items()}

    def _scaled(self, factor: Amount, units: Units) -> Units:
        return {unit: self.program.times(factor, amount) for unit, amount in units.items()}


def _list_levels(definition: GraphQLField) -> int:
    """How many lists stand around the type of a field."""
    levels, wrapped = 0, definition.type
    while isinstance(wrapped, GraphQLList | GraphQLNonNull):
        levels += isinstance(wrapped, GraphQLList)
        wrapped = wrapped.of_type
    return levels

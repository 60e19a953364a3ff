"""What a document may cost, found in linear time: each fragment is weighed once, however often it is spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

from errors import QueryTooComplexError

INTROSPECTION = frozenset({"__schema", "__type"})
MAX_NESTING = 100  # selection sets and spreads inside each other; bounds the recursion below


@dataclass(frozen=True)
class Limits:
    """The most that a document may hold, counted as it runs: each spread counts its whole fragment.

    Attributes:
        max_characters: Of the text; comments and strings count.
        max_tokens: Of the text; as many comments may stand beside them.
        max_depth: Fields inside fields; introspection is exempt.
        max_aliases: Fields under another name, at all depths.
        max_root_fields: Fields of an operation's first level.
        max_directives: At all depths, definitions included.
        max_fields: At all depths.
        max_same_name_pairs: Pairs of fields in the text that answer under one name: validation compares them all.
        max_kept_characters: Longer documents run, but are not remembered.
        max_costs: What an operation may cost with its variables (`engine/costs/`), by unit; an event of a subscription likewise.
    """

    max_characters: int = 100_000
    max_tokens: int = 2_000
    max_depth: int = 15
    max_aliases: int = 30
    max_root_fields: int = 20
    max_directives: int = 50
    max_fields: int = 1_000
    max_same_name_pairs: int = 20_000
    max_kept_characters: int = 4_096
    max_costs: Mapping[str, int] = field(default_factory=lambda: {"nodes": 10_000})


@dataclass(frozen=True)
class Weight:
    """What a selection set costs with all its fragments spread."""

    depth: int = 0
    top_fields: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def __add__(self, other: Weight) -> Weight:
        """Both beside each other."""
        return Weight(
            max(self.depth, other.depth),
            self.top_fields + other.top_fields,
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
        )


NOTHING = Weight()


def parsed(text: str, limits: Limits) -> DocumentNode:
    """The document in `text`.

    Raises:
        QueryTooComplexError: It has more characters, tokens or nesting than is read.
        GraphQLSyntaxError: It is not GraphQL.
    """
    try:
        return parse(
            text,
            max_source_length=limits.max_characters,
            max_lexical_tokens=limits.max_tokens,
            max_comments=limits.max_tokens,
        )
    except GraphQLSyntaxError as error:
        if error.message.endswith("Parsing aborted."):  # how graphql-core ends what it says about its limits
            raise QueryTooComplexError(error.message.removeprefix("Syntax Error: ")) from error
        raise


def check(document: DocumentNode, limits: Limits) -> None:
    """Lets a document pass that stays within `limits`; fragment cycles are left to the validation.

    Raises:
        QueryTooComplexError: One of its definitions costs more.
    """
    definitions = [node for node in document.definitions if isinstance(node, ExecutableDefinitionNode)]
    scale = _Scale(definitions)
    for definition in definitions:
        weight = scale.weigh_definition(definition)
        _bound("fields", weight.fields, limits.max_fields)
        _bound("aliases", weight.aliases, limits.max_aliases)
        _bound("directives", weight.directives, limits.max_directives)
        if isinstance(definition, OperationDefinitionNode):
            _bound("levels of fields", weight.depth, limits.max_depth)
            _bound("root fields", weight.top_fields, limits.max_root_fields)
    pairs = sum(count * (count - 1) // 2 for count in scale.names.values())
    _bound("pairs of fields with one name", pairs, limits.max_same_name_pairs)


def _bound(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise QueryTooComplexError(f"The document has more than {limit:,} {what}, the most that is run.")


class _Scale:
    """Weighs selection sets; remembers each fragment's weight."""

    def __init__(self, definitions: list[ExecutableDefinitionNode]) -> None:
        self.names: Counter[str] = Counter()
        self._fragments = {
            node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._weights: dict[str, Weight] = {}

    def weigh_definition(self, definition: ExecutableDefinitionNode) -> Weight:
        name = definition.name.value if definition.name else ""
        if self._fragments.get(name) is definition:
            return self._fragment(name, 0)
        variables = chain.from_iterable(
            variable.directives or () for variable in definition.variable_definitions or ()
        )
        own = Weight(directives=len(definition.directives or ()) + sum(1 for _ in variables))
        return own + self._selections(definition.selection_set, 0)

    def _selections(self, selection_set: SelectionSetNode | None, nesting: int) -> Weight:
        if selection_set is None:
            return NOTHING
        _bound("levels of nesting", nesting, MAX_NESTING)
        return sum((self._selection(node, nesting + 1) for node in selection_set.selections), NOTHING)

    def _selection(self, node: SelectionNode, nesting: int) -> Weight:
        own = Weight(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            return own + self._field(node, nesting)
        if isinstance(node, InlineFragmentNode):
            return own + self._selections(node.selection_set, nesting)
        if isinstance(node, FragmentSpreadNode):
            return own + self._fragment(node.name.value, nesting)
        return own

    def _field(self, node: FieldNode, nesting: int) -> Weight:
        self.names[(node.alias or node.name).value] += 1
        inner = self._selections(node.selection_set, nesting)
        return Weight(
            depth=1 if node.name.value in INTROSPECTION else 1 + inner.depth,
            top_fields=1,
            fields=1 + inner.fields,
            aliases=inner.aliases + (node.alias is not None),
            directives=inner.directives,
        )

    def _fragment(self, name: str, nesting: int) -> Weight:
        fragment = self._fragments.get(name)
        if fragment is None:
            return NOTHING
        if name not in self._weights:
            self._weights[name] = NOTHING  # what a spread inside itself weighs
            own = Weight(directives=len(fragment.directives or ()))
            self._weights[name] = own + self._selections(fragment.selection_set, nesting)
        return self._weights[name]

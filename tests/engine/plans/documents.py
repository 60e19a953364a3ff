"""Valid documents over any schema, in all the shapes that GraphQL has for saying the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    OperationType,
    do_types_overlap,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_union_type,
)
from hypothesis import strategies as st

from tests.engine.plans.arguments import Arguments, Variable
from tests.engine.plans.choices import Choices
from tests.engine.plans.world import bare

INTROSPECTION_DEPTH = 2  # lists inside each other are limited there
OTHERS = "query Other { __typename } "


@dataclass
class Document:
    """A valid document, and the variables that its operation declares."""

    text: str
    operation_name: str | None
    variables: list[Variable]


@dataclass
class Answered:
    """What a response name stands for on a type."""

    parent: GraphQLNamedType
    field: str
    arguments: str


@dataclass
class Writer:
    """Writes one document; `left` is how many more selections it may have."""

    schema: GraphQLSchema
    choices: Choices
    arguments: Arguments
    fields_of: Callable[[GraphQLNamedType], dict[str, GraphQLField]]
    left: int = 40
    fragments: list[tuple[str, GraphQLNamedType, str]] = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)
    answered: dict[str, list[Answered]] = field(default_factory=dict)

    def selections(self, parent: GraphQLNamedType, depth: int) -> str:
        written = [self.selection(parent, depth) for _ in range(1 + self.choices.below(4))]
        return "{ " + " ".join(written) + " }"

    def selection(self, parent: GraphQLNamedType, depth: int) -> str:
        self.left -= 1
        way = self.choices.below(10)
        if way < 6 and not is_union_type(parent):
            return self.some_field(parent, depth)
        if depth > 0 and self.left > 0 and way < 8:
            return self.inline(parent, depth)
        if depth > 0 and self.left > 0 and way == 8:
            return self.spread(parent, depth)
        return self.named("__typename", parent, "", "String!") + self.directives()

    def some_field(self, parent: GraphQLNamedType, depth: int) -> str:
        known = self.fields_of(parent)
        flat = {name: wanted for name, wanted in known.items() if is_leaf_type(bare(wanted.type))}
        chosen = known if depth > 0 and self.left > 0 else flat
        if not chosen:
            return "__typename"
        name = self.choices.one_of(list(chosen))
        wanted = chosen[name]
        arguments = self.arguments.of_field(wanted)
        written = self.named(name, parent, arguments, shape(wanted.type)) + arguments + self.directives()
        inner = bare(wanted.type)
        if inner.name.startswith("__"):
            depth = min(depth, INTROSPECTION_DEPTH)
        return f"{written} {self.selections(inner, depth - 1)}" if is_composite_type(inner) else written

    def named(self, name: str, parent: GraphQLNamedType, arguments: str, wanted: str) -> str:
        """The field under a response name that nobody else has taken for something else."""
        names = [name, "a", "b", name[::-1]] if self.choices.below(3) else ["a", "b", "c", name]
        for number, response_name in enumerate([*names, *(f"a{count}" for count in range(100))]):
            if self._may_answer(response_name, name, parent, arguments, wanted):
                self.shapes[response_name] = wanted
                self.answered.setdefault(response_name, []).append(Answered(parent, name, arguments))
                return name if response_name == name and number < 4 else f"{response_name}: {name}"
        raise AssertionError("no name is left")

    def _may_answer(
        self, response_name: str, name: str, parent: GraphQLNamedType, arguments: str, wanted: str
    ) -> bool:
        if self.shapes.get(response_name, wanted) != wanted:
            return False
        return all(
            (one.field, one.arguments) == (name, arguments) or self._are_never_one(one.parent, parent)
            for one in self.answered.get(response_name, [])
        )

    def _are_never_one(self, one: GraphQLNamedType, other: GraphQLNamedType) -> bool:
        return one is not other and is_object_type(one) and is_object_type(other)

    def inline(self, parent: GraphQLNamedType, depth: int) -> str:
        condition = self._overlapping(parent) if self.choices.below(3) else None
        on = f" on {condition.name}" if condition else ""
        return f"...{on}{self.directives()} {self.selections(condition or parent, depth - 1)}"

    def spread(self, parent: GraphQLNamedType, depth: int) -> str:
        known = [name for name, on, _ in self.fragments if do_types_overlap(self.schema, on, parent)]
        if known and self.choices.below(3):
            return f"...{self.choices.one_of(known)}{self.directives()}"
        on = self._overlapping(parent)
        written = self.selections(on, depth - 1)
        name = f"F{len(self.fragments)}"
        self.fragments.append((name, on, f"fragment {name} on {on.name} {written}"))
        return f"...{name}{self.directives()}"

    def _overlapping(self, parent: GraphQLNamedType) -> Any:
        return self.choices.one_of([
            kind for kind in self.schema.type_map.values()
            if is_composite_type(kind) and do_types_overlap(self.schema, kind, parent)
        ])  # fmt: skip

    def directives(self) -> str:
        written = ""
        for name in ("skip", "include"):
            if self.choices.chance(12):
                written += f" @{name}(if: {self.arguments.condition()})"
        return written


def shape(wanted: Any) -> str:
    """What may answer under one name: leaves of one type, or objects; in lists and non-null alike."""
    if is_non_null_type(wanted):
        return f"{shape(wanted.of_type)}!"
    if is_list_type(wanted):
        return f"[{shape(wanted.of_type)}]"
    return wanted.name if is_leaf_type(wanted) else "{}"


def fields_of(schema: GraphQLSchema) -> Any:
    """The fields of a type that may be selected, introspection's among the root's."""

    def find(kind: Any) -> dict[str, GraphQLField]:
        found = dict(kind.fields)
        if kind is schema.query_type:
            found |= {name: schema.get_field(kind, name) for name in ("__schema", "__type")}
        return found

    return find


@st.composite
def documents(
    draw: Any,
    schema: GraphQLSchema,
    kind: OperationType = OperationType.QUERY,
    *,
    depth: int = 5,
    literals: dict[str, tuple[str, ...]] | None = None,
) -> Document:
    """Documents of one operation of this kind, sometimes beside another one; all are valid by construction.

    `literals` are for leaf arguments of these names.
    """
    choices = Choices(draw)
    arguments = Arguments(choices, literals=literals or {})
    writer = Writer(schema, choices, arguments, fields_of(schema))
    root = schema.get_root_type(kind)
    if kind is OperationType.SUBSCRIPTION:
        name = choices.one_of(list(root.fields))
        wanted = root.fields[name]
        inner = bare(wanted.type)
        written = f"{{ {name}{arguments.of_field(wanted)} "
        written += (writer.selections(inner, depth) if is_composite_type(inner) else "") + " }"
    else:
        written = writer.selections(root, depth)
    name = choices.one_of([None, "Asked"])
    is_short = kind is OperationType.QUERY and name is None and not arguments.declared
    operation = written if is_short else f"{kind.value} {name or ''}{arguments.declarations()} {written}"
    text = " ".join([operation, *(text for _, _, text in writer.fragments)])
    if name and choices.chance(20):
        text = OTHERS + text
    return Document(text, name, arguments.declared)

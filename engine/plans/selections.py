"""What is selected, as graphql-core collects it: the fields of an object, each in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Executor, GraphQLArgument, GraphQLField, GraphQLNonNull, GraphQLObjectType
from graphql.execution.collect_fields import CollectedFields, FieldDetails, collect_fields, collect_subfields
from graphql.pyutils import Undefined

from engine.plans import access
from engine.plans.access import Access
from engine.plans.departing import UnsupportedError

MOST_FIELDS = 500
"""Of a plan, counted for each type that may stand in a place: writing so many takes 30 ms, and all others wait."""


@dataclass(frozen=True, eq=False)
class Field:
    """A field in its place: everything about it that does not change from one run to the next."""

    key: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: Sequence[FieldDetails]
    access: Access

    @property
    def is_typename(self) -> bool:
        """Whether it is known without asking anybody."""
        return self.details[0].node.name.value == "__typename"

    @property
    def is_nullable(self) -> bool:
        """Whether null may be its value."""
        return not isinstance(self.definition.type, GraphQLNonNull)

    @property
    def takes_arguments(self) -> bool:
        """Whether its resolver is given any: of those that a document leaves out, it is given the defaults."""
        return bool(self.details[0].node.arguments) or any(
            map(_is_always_given, self.definition.args.values())
        )


class Selections:
    """The selections of one operation.

    Args:
        core: graphql-core's executor of the operation, with variables that say what is skipped and what included.

    Attributes:
        count: How many fields were found so far.
    """

    def __init__(self, core: Executor[Any]) -> None:
        self._core = core
        self.count = 0

    def roots(self) -> list[Field]:
        """The fields of the operation's root."""
        core = self._core
        root_type = core.schema.get_root_type(core.operation.operation)
        if root_type is None:
            raise UnsupportedError("no root type")
        collected = collect_fields(
            core.schema,
            core.fragments,
            core.variable_values,
            root_type,
            core.operation,
            core.hide_suggestions,
        )
        return self._fields(root_type, collected)

    def below(self, field: Field, object_type: GraphQLObjectType) -> list[Field]:
        """The fields of an object of this type that the field has for a value."""
        core = self._core
        collected = collect_subfields(
            core.schema,
            core.fragments,
            core.variable_values,
            core.operation,
            object_type,
            list(field.details),
            core.hide_suggestions,
        )
        return self._fields(object_type, collected)

    def _fields(self, object_type: GraphQLObjectType, collected: CollectedFields) -> list[Field]:
        if collected.new_defer_usages:
            raise UnsupportedError("@defer")
        self.count += len(collected.grouped_field_set)
        if self.count > MOST_FIELDS:
            raise UnsupportedError("too many fields")
        return [self._field(object_type, *item) for item in collected.grouped_field_set.items()]

    def _field(self, object_type: GraphQLObjectType, key: str, details: Sequence[FieldDetails]) -> Field:
        schema = self._core.schema
        definition = schema.get_field(object_type, details[0].node.name.value)
        if definition is None:
            raise UnsupportedError("unknown field")
        return Field(key, object_type, definition, details, access.of(definition, schema))


def _is_always_given(argument: GraphQLArgument) -> bool:
    """Whether it has a default, or must be there."""
    has_default = argument.default is not None or argument.default_value is not Undefined
    return has_default or isinstance(argument.type, GraphQLNonNull)

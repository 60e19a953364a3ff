"""How the value of a field is got: read, called for, or loaded together with those of its siblings.

Strawberry's resolvers are called without its wrapping where that does nothing but unpack arguments. Everything else
is called as graphql-core would call it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema, default_field_resolver
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

DEFINITION = "strawberry-definition"
BATCH = "batch"


class Load(Protocol):
    """What a field's metadata may hold under BATCH beside its resolver: the values of many parents in one go.

    Given the operation's context, the parents and the field's arguments, it answers in the order of the parents.
    """

    def __call__(self, context: Any, parents: Sequence[Any], /, **arguments: Any) -> Awaitable[Sequence[Any]]:
        """In the order of the parents, given the operation's context and the field's arguments."""
        ...


@dataclass(frozen=True)
class Attribute:
    """The source's attribute of this name."""

    name: str


@dataclass(frozen=True)
class Resolved:
    """What graphql-core's resolver gives, at once or later."""

    resolve: Callable[..., Any]


@dataclass(frozen=True)
class Called:
    """What a resolver in Python's own terms gives.

    Attributes:
        function: Takes the source and what graphql-core tells under the names below, if it takes them.
        arguments: From graphql-core's arguments to those of the function.
    """

    function: Callable[..., Any]
    is_async: bool
    takes_self: bool
    source_names: tuple[str, ...]
    info_name: str | None
    info: Callable[[GraphQLResolveInfo[Any]], Any]
    arguments: Callable[[dict[str, Any], Any], dict[str, Any]]
    load: Load | None


Access = Attribute | Resolved | Called


def of(field: GraphQLField, schema: GraphQLSchema) -> Access:
    """The cheapest way to this field that gives the same."""
    definition = field.extensions.get(DEFINITION)
    if type(definition) is not StrawberryField or definition.extensions or definition.is_subscription:
        return Resolved(field.resolve or default_field_resolver)
    resolver = definition.base_resolver
    if resolver is None:
        plain = definition.default_resolver is getattr and getattr(field.resolve, "_is_default", False)
        return (
            Attribute(definition.python_name) if plain else Resolved(field.resolve or default_field_resolver)
        )
    return _called(definition, resolver, schema)


def _called(definition: StrawberryField, resolver: StrawberryResolver[Any], schema: GraphQLSchema) -> Called:
    converter = cast("Any", schema)._strawberry_schema.schema_converter  # noqa: SLF001
    parameters = (resolver.parent_parameter, resolver.root_parameter)

    def arguments(given: dict[str, Any], info: Any) -> dict[str, Any]:
        return convert_arguments(
            given, definition.arguments, converter.scalar_registry, converter.config, info
        )

    return Called(
        function=cast("Callable[..., Any]", resolver.wrapped_func),
        is_async=definition.is_async,
        takes_self=resolver.self_parameter is not None,
        source_names=tuple({parameter.name for parameter in parameters if parameter is not None}),
        info_name=resolver.info_parameter.name if resolver.info_parameter else None,
        info=lambda raw: converter.config.info_class(_raw_info=raw, _field=definition),
        arguments=arguments,
        load=_metadata(definition).get(BATCH),
    )


def _metadata(definition: StrawberryField) -> Mapping[Any, Any]:
    return definition.metadata or {}

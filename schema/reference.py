"""`docs/schema.md`: the published schema as a page to read, every name a link to where it is told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    assert_object_type,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

LEAD = """\
# The schema

What can be asked, and what is answered. This page is written by `make schema` from the code, as is `schema.graphql`, which holds the same for programs. `!` stands behind what is never null; a root field is null if it fails. Lists that can grow come in pages ([Lists](#lists)); what a mutation refuses is one of the [Errors](#errors) that it names; errors of other kinds have a code ([http.md](http.md#errors-outside-the-unions)).

[Queries](#queries) · [Mutations](#mutations) · [Subscriptions](#subscriptions) · [Objects](#objects) · [Lists](#lists) · [Interfaces](#interfaces) · [Errors](#errors) · [Inputs](#inputs) · [Enums](#enums) · [Scalars](#scalars)
"""
ROOTS = ("Query", "Mutation", "Subscription")
OF_LISTS = ("Connection", "Edge", "PageInfo")


def page(sdl: str) -> str:
    """The whole page, in Markdown."""
    return _Reference(build_schema(sdl)).text()


class _Reference:
    """The page of one schema. What belongs to one mutation alone is told there, all else under its kind."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        types = schema.type_map.values()
        self._types = [
            each for each in types if not is_introspection_type(each) and not is_specified_scalar_type(each)
        ]
        self._homes = {
            part.name: f"mutation{name.lower()}"
            for name, field in assert_object_type(schema.mutation_type).fields.items()
            for part in self._parts(get_named_type(field.type), field.args["input"])
        }

    @staticmethod
    def _parts(result: GraphQLNamedType, argument: GraphQLArgument) -> Iterator[GraphQLNamedType]:
        """The types that a mutation has for itself."""
        yield get_named_type(argument.type)
        yield result
        if isinstance(result, GraphQLUnionType):
            yield from (member for member in result.types if member.name.endswith("Payload"))

    def text(self) -> str:
        errors = set(self._schema.get_implementations(self._interface("Error")).objects)
        objects = [each for each in self._of(GraphQLObjectType) if each not in errors]
        lists = [each for each in objects if each.name.endswith(OF_LISTS)]
        sections = {
            "Queries": self._roots(self._schema.query_type),
            "Mutations": map(self._mutation, assert_object_type(self._schema.mutation_type).fields),
            "Subscriptions": self._roots(self._schema.subscription_type),
            "Objects": (self._object(each) for each in objects if each not in lists),
            "Lists": map(self._object, lists),
            "Interfaces": map(self._object, self._of(GraphQLInterfaceType)),
            "Errors": (self._error(each) for each in self._of(GraphQLObjectType) if each in errors),
            "Inputs": map(self._object, self._of(GraphQLInputObjectType)),
            "Enums": map(self._enum, self._of(GraphQLEnumType)),
            "Scalars": map(_headed, self._of(GraphQLScalarType)),
        }
        return LEAD + "".join(f"\n## {title}\n\n" + "\n".join(parts) for title, parts in sections.items())

    def _interface(self, name: str) -> GraphQLInterfaceType:
        (found,) = (
            each for each in self._types if isinstance(each, GraphQLInterfaceType) and each.name == name
        )
        return found

    def _of(self, kind: type[Any]) -> Iterator[Any]:
        """The types of a kind that have a heading of their own, by their names."""
        found = (each for each in self._types if isinstance(each, kind))
        return iter(sorted((e for e in found if e.name not in {*ROOTS, *self._homes}), key=lambda e: e.name))

    def _roots(self, root: GraphQLObjectType | None) -> Iterator[str]:
        root = assert_object_type(root)
        for name, field in root.fields.items():
            arguments = self._table(("argument", "type", ""), field.args)
            yield f"### {root.name}.{name}\n\n{_prose(field)}\n\nGives {self._type(field.type)}.\n{arguments}"

    def _mutation(self, name: str) -> str:
        field = assert_object_type(self._schema.mutation_type).fields[name]
        taken, union = get_named_type(field.args["input"].type), get_named_type(field.type)
        payload, *refusals = union.types
        told = [
            f"### Mutation.{name}\n\n{_prose(field)}\n",
            f"Takes `{taken.name}`:\n{self._fields(taken)}",
            f"Gives `{union.name}`, which is `{payload.name}`: {_prose(payload)}\n{self._fields(payload)}",
        ]
        if refusals:
            told.append(f"Refuses with {', '.join(map(self._name, refusals))}.\n")
        return "\n".join(told)

    def _object(self, each: Any) -> str:
        interfaces = ", ".join(self._name(one) for one in getattr(each, "interfaces", ()))
        kind = f" Implements {interfaces}." if interfaces else ""
        return f"{_headed(each).rstrip()}{kind}\n{self._fields(each)}"

    def _error(self, each: GraphQLObjectType) -> str:
        mutations = assert_object_type(self._schema.mutation_type).fields
        told = [
            f"[`{name}`](#mutation{name.lower()})"
            for name, field in mutations.items()
            if each in getattr(get_named_type(field.type), "types", ())
        ]
        return f"{self._object(each)}\nOf {', '.join(told)}.\n"

    def _enum(self, each: GraphQLEnumType) -> str:
        rows = (f"| `{name}` | {_prose(value)} |" for name, value in each.values.items())
        return f"{_headed(each)}\n| value | |\n|---|---|\n" + "\n".join(rows) + "\n"

    def _fields(self, each: Any) -> str:
        return self._table(("field", "type", ""), each.fields)

    def _table(self, heads: Iterable[str], fields: Mapping[str, Any]) -> str:
        if not fields:
            return ""
        rows = [f"| {' | '.join(heads)} |", "|---|---|---|"]
        for name, field in fields.items():
            rows.append(f"| `{name}` | {self._type(field.type)} | {_prose(field)} |")
            arguments: Mapping[str, GraphQLArgument | GraphQLInputField] = getattr(field, "args", {})
            for argument, taken in arguments.items():
                rows.append(f"| · `{argument}:` | {self._type(taken.type)} | {_prose(taken)} |")
        return "\n" + "\n".join(rows) + "\n"

    def _type(self, of: Any) -> str:
        named = get_named_type(of)
        return str(of).replace(named.name, self._name(named))

    def _name(self, named: GraphQLNamedType) -> str:
        if is_specified_scalar_type(named):
            return named.name
        return f"[{named.name}](#{self._homes.get(named.name, named.name.lower())})"


def _headed(each: GraphQLNamedType) -> str:
    return f"### {each.name}\n\n{_prose(each)}\n"


def _prose(of: Any) -> str:
    """Its description on one line, fit for a cell; a page that it names is a link."""
    line = " ".join((of.description or "").split()).replace("|", "\\|")
    return re.sub(r"`docs/([\w.-]+)`", r"[\1](\1)", line)

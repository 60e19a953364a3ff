"""Operations made from the published schema, so that whatever is new in it is asked for too."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLOutputType,
    build_schema,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
)

from tests import pictures
from tests.client import PREFLIGHT, Client
from tests.service import ROOT

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
ROOTS = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}
ANY = {
    "ID": "SW1hZ2U6NjU1ZjAwMDAwMDAwMDAwMDAwMDAwMDAw",
    "String": "image/jpeg",
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "URL": "https://example.com/a.jpg",
    "DateTime": "2026-01-31T12:00:00.000Z",
    "Upload": None,
}
SENT = pictures.jpeg(seed=910)
CURSORS = ("after", "before")
CREDENTIALS = ("Token", "Key")


@dataclass(frozen=True)
class Slot:
    """An argument that names something that exists already: `Query.gallery` at `filter`, `batchId`."""

    field: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.field, *self.path))


def root_fields() -> list[str]:
    """`Query.node` and all others."""
    return [f"{root}.{name}" for root in ROOTS for name in _object(root).fields]


def slots() -> list[Slot]:
    """Of every field of every type: whatever takes an id, a cursor, a token or a key."""
    objects = (kind for kind in SCHEMA.type_map.values() if is_object_type(kind))
    fields = {f"{kind.name}.{name}": field for kind in objects for name, field in kind.fields.items()}
    return [
        Slot(name, path)
        for name, field in fields.items()
        if not name.startswith("__")
        for path in _naming(field.args)
    ]


def leading_to(field: str, kinds: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Of a root field: every argument of one of these scalars."""
    root, _, name = field.partition(".")
    return list(_leading(_object(root).fields[name].args, kinds))


def operation(field: str, depth: int = 2, page: int = 2) -> str:
    """All of a root field, so many levels deep, each argument a variable of its own name."""
    root, _, name = field.partition(".")
    found = _object(root).fields[name]
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in found.args.items())
    given = ", ".join(f"{each}: ${each}" for each in found.args)
    chosen = selection(found.type, depth, page)
    head = f"{ROOTS[root]} ({declared})" if declared else ROOTS[root]
    return f"{head} {{ it: {name}{f'({given})' if given else ''} {chosen} }}"


def variables(field: str, path: tuple[str, ...] = (), value: object = None) -> dict[str, Any]:
    """What the field requires, and the value in its place."""
    root, _, name = field.partition(".")
    arguments = _object(root).fields[name].args
    found = {each: anything(a.type) for each, a in arguments.items() if is_required_argument(a)}
    if path:
        found[path[0]] = _with(arguments[path[0]].type, found.get(path[0]), path[1:], value)
    return found


def anything(kind: GraphQLInputType) -> Any:
    """A value of this type."""
    if is_non_null_type(kind):
        return anything(kind.of_type)
    if is_list_type(kind):
        return [anything(kind.of_type)]
    if is_input_object_type(kind):
        return {n: anything(f.type) for n, f in kind.fields.items() if is_required_input_field(f)}
    return next(iter(kind.values)) if is_enum_type(kind) else ANY[kind.name]


def selection(kind: GraphQLOutputType, depth: int, page: int) -> str:
    """All that can be selected without an argument, so many levels deep; of lists the first few. Members are a level."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if is_object_type(named):
        return f"{{ {_fields(named, depth, page, set())} }}"
    members = SCHEMA.get_possible_types(named)
    clashing = _clashing(members)
    parts = (f"... on {each.name} {{ {_fields(each, depth - 1, page, clashing)} }}" for each in members)
    return f"{{ __typename {' '.join(parts)} }}"


async def ask(client: Client, field: str, values: dict[str, Any], **how: int) -> tuple[int, str]:
    """Status and body; with a small picture wherever a file is wanted."""
    body = {"query": operation(field, **how), "variables": values}
    if not (places := list(_uploads(values, "variables"))):
        async with client.http.post("/graphql", json=body, headers=client.headers) as response:
            return response.status, await response.text()
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("operations", json.dumps(body))
    form.add_field("map", json.dumps({"0": places}))
    form.add_field("0", io.BytesIO(SENT), filename="sent.jpg")
    headers = {**client.headers, **PREFLIGHT}
    async with client.http.post("/graphql", data=form, headers=headers) as response:
        return response.status, await response.text()


def _object(name: str) -> GraphQLObjectType:
    kind = SCHEMA.type_map[name]
    assert is_object_type(kind)
    return kind


def _naming(
    arguments: dict[str, GraphQLArgument] | dict[str, GraphQLInputField],
) -> Iterator[tuple[str, ...]]:
    for name, argument in arguments.items():
        kind = get_named_type(argument.type)
        if is_input_object_type(kind):
            yield from ((name, *path) for path in _naming(kind.fields))
        elif kind.name == "ID" or (kind.name == "String" and name.endswith((*CURSORS, *CREDENTIALS))):
            yield (name,)


def _leading(
    arguments: dict[str, GraphQLArgument] | dict[str, GraphQLInputField], kinds: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for name, argument in arguments.items():
        kind = get_named_type(argument.type)
        if is_input_object_type(kind):
            yield from ((name, *path) for path in _leading(kind.fields, kinds))
        elif kind.name in kinds:
            yield (name,)


def _with(kind: GraphQLInputType, present: Any, path: tuple[str, ...], value: object) -> Any:
    bare = kind.of_type if is_non_null_type(kind) else kind
    if is_list_type(bare):
        return [value]
    if not path:
        return value
    whole = anything(bare) if present is None else present
    field = bare.fields[path[0]]
    return {**whole, path[0]: _with(field.type, whole.get(path[0]), path[1:], value)}


def _fields(kind: GraphQLObjectType, depth: int, page: int, clashing: set[str]) -> str:
    chosen = ["__typename"]
    for name, field in kind.fields.items():
        if any(map(is_required_argument, field.args.values())):
            continue
        alias = f"{kind.name}_{name}: " if name in clashing else ""
        given = f"(first: {page})" if "first" in field.args else ""
        if is_leaf_type(get_named_type(field.type)):
            chosen.append(f"{alias}{name}{given}")
        elif depth > 0:
            chosen.append(f"{alias}{name}{given} {selection(field.type, depth - 1, page)}")
    return " ".join(chosen)


def _clashing(members: tuple[GraphQLObjectType, ...]) -> set[str]:
    """Fields that are of another type in another member."""
    kinds: dict[str, set[str]] = {}
    for member in members:
        for name, field in member.fields.items():
            kinds.setdefault(name, set()).add(str(field.type))
    return {name for name, found in kinds.items() if len(found) > 1}


def _uploads(values: Any, place: str) -> Iterator[str]:
    """Where a value is null: only files are."""
    if values is None:
        yield place
    elif isinstance(values, dict):
        for name, value in values.items():
            yield from _uploads(value, f"{place}.{name}")
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from _uploads(value, f"{place}.{index}")

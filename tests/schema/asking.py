"""Makes valid queries of the published schema, and counts what they are answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphql import get_named_type, is_abstract_type, is_leaf_type
from hypothesis import strategies as st

from schema import schema

PUBLISHED = schema._schema
SIZES = st.sampled_from([0, 1, 2, 3, 5, 8, 100, 101])
VARIABLES = {
    "first": ("Int = 3", SIZES | st.none()),
    "last": ("Int", SIZES | st.none()),
    "width": ("Int = 640", st.integers(1, 8192) | st.none()),
    "widths": ("[Int!]", st.lists(st.integers(1, 8192), max_size=21) | st.none()),
    "yes": ("Boolean!", st.booleans()),
}
ARGUMENTS = {
    "Query.gallery": [
        "",
        "(first: 2)",
        "(last: 3)",
        "(first: $first)",
        "(last: $last)",
        "(first: $first, last: $last)",
    ],
    "Query.batch": ["(id: $id)"],
    "Query.batches": ["", "(first: $first)"],
    "Query.product": ["(id: $id)"],
    "Query.products": ["", "(first: 2)", "(first: $first)"],
    "Batch.products": ["", "(first: 3)", "(first: $first)"],
    "Batch.items": ["", "(first: 3)", "(first: $first)", "(filter: {state: FAILED})"],
    "Batch.events": ["", "(first: 3)", "(first: $first)"],
    "Query.nodes": ["(ids: $ids)", '(ids: ["nothing"])'],
    "Query.node": ["(id: $id)"],
    "Query.image": ["(id: $id)"],
    "Image.variant": [
        "",
        "(widthPx: 8192)",
        "(widthPx: $width, heightPx: 300)",
        "(fit: FILL, widthPx: $width)",
    ],
    "Image.srcSet": ["", "(widthsPx: $widths)", "(widthsPx: [100, $width])", "(format: AVIF)"],
}
SWITCHES = ["", "", "", " @include(if: $yes)", " @skip(if: $yes)", " @skip(if: false)"]


@dataclass
class Asked:
    """A query, and the variables to send with it."""

    ids: list[str]
    numbers: Any = field(default_factory=count)
    fragments: list[str] = field(default_factory=list)
    text: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


@st.composite
def queries(draw: Any, ids: list[str]) -> Asked:
    """A query about things with these ids, and others."""
    asked = Asked(ids)
    body = "".join([_selections(draw, PUBLISHED.query_type, 5, asked), *asked.fragments])
    kinds = {
        **VARIABLES,
        "id": ("ID!", st.sampled_from(ids)),
        "ids": ("[ID!]!", st.lists(st.sampled_from(ids), max_size=9)),
    }
    used = {
        name: kind
        for name, kind in kinds.items()
        if f"${name})" in body or f"${name}," in body or f"${name}]" in body
    }
    for name, (graphql_type, values) in used.items():
        if graphql_type.endswith("!") or draw(st.booleans()):
            asked.variables[name] = draw(values)
    header = ", ".join(f"${name}: {graphql_type}" for name, (graphql_type, _) in used.items())
    asked.text = f"query ({header}) {body}" if header else body
    return asked


def _selections(draw: Any, parent: Any, depth: int, asked: Asked) -> str:
    if is_abstract_type(parent):
        members = PUBLISHED.get_possible_types(parent)
        parts = [_fragment(draw, draw(st.sampled_from(members)), depth, asked) for _ in range(2)]
        return "{ __typename " + " ".join(parts) + " }"
    fields = [
        name for name, found in parent.fields.items() if depth > 0 or is_leaf_type(get_named_type(found.type))
    ]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=4)) if fields else []
    parts = [_field(draw, parent, name, depth, asked) for name in chosen]
    if chosen and depth > 0 and draw(st.integers(0, 3)) == 0:
        parts.append(_fragment(draw, parent, depth - 1, asked))
    return "{ __typename " + " ".join(parts) + " }"


def _field(draw: Any, parent: Any, name: str, depth: int, asked: Asked) -> str:
    """Under a name of its own, which tells what it is."""
    arguments = draw(st.sampled_from(ARGUMENTS.get(f"{parent.name}.{name}", [""])))
    switch = draw(st.sampled_from(SWITCHES))
    text = f"{name}_{next(asked.numbers)}: {name}{arguments}{switch}"
    named = get_named_type(parent.fields[name].type)
    return text if is_leaf_type(named) else f"{text} {_selections(draw, named, depth - 1, asked)}"


def _fragment(draw: Any, on: Any, depth: int, asked: Asked) -> str:
    """A part of the selection inline, or by a fragment of a name, spread twice perhaps."""
    inside = _selections(draw, on, depth, asked)
    if draw(st.booleans()):
        return f"... on {on.name} {inside}"
    name = f"F{len(asked.fragments)}"
    asked.fragments.append(f" fragment {name} on {on.name} {inside}")
    return f"...{name} " * draw(st.integers(1, 2))


def nodes_in(data: Any) -> int:
    """The objects and the signed addresses in what a query of `queries` was answered."""
    return sum(_nodes(name, value) for name, value in (data or {}).items())


def _nodes(name: str, value: Any) -> int:
    if isinstance(value, dict):
        return 1 + nodes_in(value)
    if isinstance(value, list):
        return sum(_nodes(name, entry) for entry in value)
    if isinstance(value, str) and name.startswith("url_"):
        return 1
    return len(value.split(", ")) if isinstance(value, str) and name.startswith("srcSet_") else 0

"""Which of an image's stored fields a query shows, so that MongoDB is asked for no others.

A published field that is plain shows the stored field of its name; one that is an object of its own, those parts of it
that are selected. One with a resolver says what that uses, by `metadata=needing(…)`; one that does not say so makes a
query read everything, so a new field is never wrong.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from models import reading
from models.image import Image

_NEEDS: Final = "needs"
_COLUMNS: Final = frozenset(Image.model_fields)
_SELECTED: Final = "*"
ResolveInfo = GraphQLResolveInfo[Any]
Known = tuple[weakref.ref[FieldNode], frozenset[str] | None]


def needing(*columns: str) -> dict[str, tuple[str, ...]]:
    """A field's metadata: the stored fields of an image that its resolver uses.

    `variants.name` is a part of one, `variants.*` are the parts that are selected below the field.
    """
    return {_NEEDS: columns}


def of(info: Info[Any, Any]) -> frozenset[str] | None:
    """The stored fields of images that are shown somewhere below the field that is being resolved, as `reading.of`
    takes them; None for all.

    What `@skip` and `@include` say makes no difference, so that a document has one answer, which is found once.
    """
    raw = info._raw_info  # noqa: SLF001 - the only way from Strawberry's info to a selection with all its fragments
    first, *others = raw.field_nodes
    found = _known(first, raw)
    for node in others:
        more = _known(node, raw)
        found = None if found is None or more is None else found | more
    return found


_by_node: dict[int, Known] = {}
"""By identity: equal nodes of two documents may spread different fragments. Forgotten with the document."""


def _known(node: FieldNode, info: ResolveInfo) -> frozenset[str] | None:
    key = id(node)
    if known := _by_node.get(key):
        return known[1]
    columns = _columns(node, info)
    _by_node[key] = weakref.ref(node, lambda _: _by_node.pop(key, None)), columns
    return columns


def _columns(node: FieldNode, info: ResolveInfo) -> frozenset[str] | None:
    needed = frozenset(_needed(node, info.return_type, info))
    return needed if {column.partition(".")[0] for column in needed} <= _COLUMNS else None


def _needed(node: FieldNode, returned: GraphQLOutputType, info: ResolveInfo) -> Iterator[str]:
    """What is shown of the images below a field, however deep they lie."""
    image: Any = info.schema.type_map[Image.__name__]
    for inner, parent in _selected(node.selection_set, get_named_type(returned), info):
        name = inner.name.value
        if parent is image or (is_abstract_type(parent) and info.schema.is_sub_type(parent, image)):
            yield from _shown(inner, image.fields[name], info)
        elif isinstance(parent, GraphQLObjectType):
            yield from _needed(inner, parent.fields[name].type, info)


def _shown(node: FieldNode, field: GraphQLField, info: ResolveInfo) -> Iterator[str]:
    """What is shown by a field of an image."""
    for column in _needs(field):
        whole, _, part = column.partition(".")
        yield from _parts(whole, node, field, info) if part == _SELECTED else (column,)


def _parts(whole: str, node: FieldNode, field: GraphQLField, info: ResolveInfo) -> Iterator[str]:
    """The parts of a stored field that are selected; all of it if that is unknown, or if there are none."""
    selected = _selected(node.selection_set, get_named_type(field.type), info)
    parts = {part for inner, parent in selected for part in _needs(parent.fields[inner.name.value])}
    known = parts <= reading.parts(Image, whole) if whole in _COLUMNS else False
    yield from (f"{whole}.{part}" for part in parts) if parts and known else (whole,)


def _needs(field: GraphQLField) -> tuple[str, ...]:
    """What a published field shows; a name that no column has if that is unknown."""
    definition: StrawberryField = field.extensions["strawberry-definition"]
    needs: tuple[str, ...] | None = definition.metadata.get(_NEEDS)
    if needs is not None:
        return needs
    if definition.base_resolver:
        return ("",)
    name = definition.python_name
    return (f"{name}.{_SELECTED}",) if is_composite_type(get_named_type(field.type)) else (name,)


def _selected(
    selected: SelectionSetNode | None, parent: Any, info: ResolveInfo
) -> Iterator[tuple[FieldNode, Any]]:
    """The selected fields, those of fragments too, each with the type that it is a field of."""
    for selection in selected.selections if selected else ():
        if isinstance(selection, FieldNode):
            if not selection.name.value.startswith("__"):
                yield selection, parent
            continue
        fragment: Any = selection
        if isinstance(selection, FragmentSpreadNode):
            fragment = info.fragments[selection.name.value]
        condition = fragment.type_condition
        inner = info.schema.type_map[condition.name.value] if condition else parent
        yield from _selected(fragment.selection_set, inner, info)

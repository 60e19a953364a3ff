"""Which of an image's stored fields a query shows, so that MongoDB is asked for no others.

A published field that is plain shows the stored field of its name. One with a resolver says what that uses, by
`metadata=needing(…)`; one that does not say so makes a query read everything, so a new field is never wrong.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from models.image import Image

_NEEDS: Final = "needs"
_COLUMNS: Final = frozenset(Image.model_fields)
ResolveInfo = GraphQLResolveInfo[Any]
Known = tuple[weakref.ref[FieldNode], frozenset[str] | None]


def needing(*columns: str) -> dict[str, tuple[str, ...]]:
    """A field's metadata: the stored fields of an image that its resolver uses."""
    return {_NEEDS: columns}


def of(info: Info[Any, Any]) -> frozenset[str] | None:
    """The stored fields of images that are shown somewhere below the field that is being resolved; None for all.

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
    if node.selection_set is None:
        return frozenset()
    shown = _shown(node.selection_set, get_named_type(info.return_type), info)
    needed = {column for field in shown for column in _needs(field)}
    return frozenset(needed) if needed <= _COLUMNS else None


def _needs(field: GraphQLField) -> tuple[str, ...]:
    """What a published field of an image shows; a name that no column has if that is unknown."""
    definition: StrawberryField = field.extensions["strawberry-definition"]
    needs: tuple[str, ...] | None = definition.metadata.get(_NEEDS)
    if needs is not None:
        return needs
    return ("",) if definition.base_resolver else (definition.python_name,)


def _shown(selected: SelectionSetNode, parent: GraphQLNamedType, info: ResolveInfo) -> Iterator[GraphQLField]:
    """The fields of images that are selected, however deep images lie."""
    for selection in selected.selections:
        if isinstance(selection, FieldNode):
            yield from _field(selection, parent, info)
            continue
        fragment: Any = selection
        if isinstance(selection, FragmentSpreadNode):
            fragment = info.fragments[selection.name.value]
        condition = fragment.type_condition
        inner = info.schema.type_map[condition.name.value] if condition else parent
        yield from _shown(fragment.selection_set, inner, info)


def _field(node: FieldNode, parent: Any, info: ResolveInfo) -> Iterator[GraphQLField]:
    name = node.name.value
    if name.startswith("__"):
        return
    image: Any = info.schema.type_map[Image.__name__]
    if parent is image or (is_abstract_type(parent) and info.schema.is_sub_type(parent, image)):
        yield image.fields[name]
    elif node.selection_set and isinstance(parent, GraphQLObjectType):
        yield from _shown(node.selection_set, get_named_type(parent.fields[name].type), info)

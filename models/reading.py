"""Documents straight from what MongoDB sends, whole or some of their fields.

Beanie's own way there goes through four Python functions a document before pydantic has seen a single field, which
costs five times what pydantic does. Here pydantic's compiled validator fills the document's fields and nothing else
happens: for each kind of document and set of fields one validator is made, once. So old documents get the defaults of
fields that they lack, and one that breaks its model is refused as everywhere.

What is read so equals what Beanie reads, except that its ids are plain `ObjectId`s, equal to Beanie's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, cast, get_args, get_origin

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel, InstanceOf, create_model
from pydantic.fields import FieldInfo

Kind = TypeVar("Kind", bound=Document)
WHOLE: Final = ""
MOST_READERS = 256
"""Clients choose the fields; with all sets of them kept, they could fill the memory."""


@dataclass(frozen=True)
class Reader(Generic[Kind]):
    """How documents are read: what to ask MongoDB for, and what makes a document of an answer.

    A field that was not asked for is not there: using it raises AttributeError.
    """

    projection: dict[str, int] | None
    read: Callable[[Mapping[str, Any]], Kind]


def of(kind: type[Kind], columns: frozenset[str] | None = None, *also: str) -> Reader[Kind]:
    """Reads the fields named in `columns` or `also`, and the id; without `columns` everything.

    Of a field that holds models, `variants.name` is a part: only the parts are read if not the whole is wanted too.
    """
    return _reader(cast("Any", kind), columns, also)  # mypy holds no document's class to be hashable


def parts(kind: type[Document], name: str) -> frozenset[str]:
    """Of what a field's models consist; empty if it holds none."""
    model = _model(kind.model_fields[name].annotation)
    return frozenset(model.model_fields) if model else frozenset()


@lru_cache(maxsize=MOST_READERS)
def _reader(kind: type[Document], columns: frozenset[str] | None, also: tuple[str, ...]) -> Reader[Any]:
    fields: dict[str, FieldInfo] = kind.model_fields
    if columns is None:
        return Reader(None, _maker(kind, {name: (_type(field), field) for name, field in fields.items()}))
    wanted: dict[str, set[str]] = {}
    for column in columns.union(also, {"id"}):
        name, _, part = column.partition(".")
        wanted.setdefault(name, set()).add(part)
    described = {
        name: (_narrowed(field, wanted[name]), field) for name, field in fields.items() if name in wanted
    }
    projection = {
        f"{fields[name].alias or name}{'.' * bool(part)}{part}": 1
        for name in described
        for part in _asked(wanted[name])
    }
    return Reader(projection, _maker(kind, described))


def make_exact(kind: type[Document]) -> None:
    """To be called once Beanie knows the class: from then on a document has the fields that were read, and no others.

    Beanie puts an expression for queries in the place of every field of a class, which a document without the field
    would answer with. It also looks at every attribute for one that is still to be parsed, at five times the cost of
    having it; we have none of those.
    """
    kind.__getattribute__ = object.__getattribute__  # type: ignore[method-assign]
    for name in kind.model_fields:
        setattr(kind, name, _Unread(name, getattr(kind, name)))


class _Unread:
    """What is found in the place of a field: on the class the expression, on a document without the field nothing."""

    def __init__(self, name: str, expression: object) -> None:
        self._name = name
        self._expression = expression

    def __get__(self, document: Document | None, kind: type[Document]) -> object:
        if document is None:
            return self._expression
        raise AttributeError(f"{kind.__name__}.{self._name} was not read")


def _maker(kind: type[Kind], described: dict[str, Any]) -> Callable[[Mapping[str, Any]], Kind]:
    fill = create_model(kind.__name__, **described).__pydantic_validator__.validate_python
    private = dict(kind.model_construct().__pydantic_private__ or {})
    new, set_attribute = object.__new__, object.__setattr__

    def read(raw: Mapping[str, Any]) -> Kind:
        document: Kind = new(kind)
        fill(raw, self_instance=document)
        set_attribute(document, "__pydantic_private__", private.copy())
        return document

    return read


def _type(field: FieldInfo) -> Any:
    """As the model says, except for ids: Beanie's type calls Python for each, to parse what may be text."""
    plain = {PydanticObjectId: InstanceOf[ObjectId], PydanticObjectId | None: InstanceOf[ObjectId] | None}
    return next((ours for theirs, ours in plain.items() if field.annotation == theirs), field.annotation)


def _asked(wanted: set[str]) -> set[str]:
    """The parts to be read of a field; WHOLE if any of them is."""
    return {WHOLE} if WHOLE in wanted else wanted


def _narrowed(field: FieldInfo, wanted: set[str]) -> Any:
    """The field's type, with models that have no more than the parts that are wanted."""
    model = _model(field.annotation)
    if model is None or WHOLE in wanted:
        return _type(field)
    described: Any = {
        name: (model.model_fields[name].annotation, model.model_fields[name]) for name in wanted
    }
    narrow = create_model(model.__name__, **described)
    if get_origin(field.annotation) is list:
        return list[narrow]  # type: ignore[valid-type]
    return narrow | None if get_args(field.annotation) else narrow


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model in a list of one, or one that may be missing."""
    inner = get_args(annotation) or (annotation,)
    return next((each for each in inner if isinstance(each, type) and issubclass(each, BaseModel)), None)

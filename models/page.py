"""A slice of a growing list, its order, and the cursors that lead on from it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

import bson
from beanie import Document, PydanticObjectId
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from pymongo import ASCENDING, DESCENDING

Item = TypeVar("Item", bound=Document)
Value = datetime | int | str
LONGEST_CURSOR_CHARACTERS = 2_048
IN_UTC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
URL_SAFE = bytes.maketrans(b"+/", b"-_")
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Direction(IntEnum):
    """Which end of an order comes first, as MongoDB numbers them."""

    ASC = ASCENDING
    DESC = DESCENDING

    @property
    def opposite(self) -> Direction:
        """The other end first."""
        return Direction(-self)


@dataclass(frozen=True)
class Order:
    """By a stored field of type `kind`, then by id, both in one direction: no two items share a place."""

    field: str
    kind: type[Value]
    direction: Direction

    @property
    def sort(self) -> list[tuple[str, int]]:
        """As PyMongo takes it."""
        return [(self.field, self.direction), ("_id", self.direction)]

    @property
    def backwards(self) -> Order:
        """The same list from its end."""
        return replace(self, direction=self.direction.opposite)

    def holds(self, value: object) -> bool:
        """Whether the field may have this value; to Python, True is a number."""
        return isinstance(value, self.kind) and not isinstance(value, bool)

    def encoded(self, value: Value, item_id: ObjectId) -> bytes:
        """A place in it as BSON."""
        return bson.encode({self.field: value, "_id": item_id, "direction": int(self.direction)})

    @cached_property
    def frame(self) -> tuple[bytes, bytes, bytes]:
        """Of an order by time, what `encoded` makes before, between and behind an id and a value."""
        place, between = self.encoded(EPOCH, ObjectId(bytes(12))), b"\x09" + self.field.encode() + b"\0"
        before, _, behind = place.partition(bytes(12) + between + bytes(8))
        return before, between, behind

    def position(self, item: Document) -> Position:
        """Where a stored document lies."""
        return Position(self, getattr(item, self.field), PydanticObjectId(item.id))

    def behind(self, position: Position) -> dict[str, Any]:
        """What lies behind a position, as a query.

        The first condition says nothing new: it lets MongoDB begin at the position whichever way it goes.
        """
        on, from_here = ("$gt", "$gte") if self.direction is Direction.ASC else ("$lt", "$lte")
        further = {self.field: {on: position.value}}
        same_value = {self.field: position.value, "_id": {on: position.id}}
        return {self.field: {from_here: position.value}, "$or": [further, same_value]}


@dataclass(frozen=True)
class Position:
    """A place in a list, which need not be taken any more. Opaque to clients: what `encode` makes, `decode` reads."""

    order: Order
    value: Value
    id: PydanticObjectId

    def encode(self) -> str:
        """The order's field and direction, the value there and the id."""
        return _cursor(self.order, self.value, self.id)

    @classmethod
    def decode(cls, cursor: str, order: Order) -> Position | None:
        """None for whatever `encode` did not make of a position in this order."""
        if len(cursor) > LONGEST_CURSOR_CHARACTERS:
            return None
        try:
            raw = bson.decode(base64.b64decode(cursor, altchars=b"-_", validate=True), IN_UTC)
            position = cls(order, raw[order.field], PydanticObjectId(raw["_id"]))
            sound = order.holds(position.value) and position.encode() == cursor
        except (ValueError, KeyError, TypeError, OverflowError, binascii.Error, BSONError):
            return None
        return position if sound else None


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted: its first `size` items, or its last, between two positions."""

    order: Order
    size: int
    from_end: bool = False
    after: Position | None = None
    before: Position | None = None

    @property
    def reading(self) -> Order:
        """The order in which the items are read."""
        return self.order.backwards if self.from_end else self.order

    @property
    def bounds(self) -> list[dict[str, Any]]:
        """What lies between the positions, as conditions that all hold."""
        after = [self.order.behind(self.after)] if self.after else []
        before = [self.order.backwards.behind(self.before)] if self.before else []
        return after + before

    def page(self, read: Sequence[Item]) -> Page[Item]:
        """The page, from up to `size` + 1 items as they were read."""
        items, more = list(read[: self.size]), len(read) > self.size
        if self.from_end:
            return Page(self.order, items[::-1], has_previous=more, has_next=self.before is not None)
        return Page(self.order, items, has_previous=self.after is not None, has_next=more)


@dataclass(slots=True)
class Edge(Generic[Item]):
    """An item, and the order in which it was listed."""

    order: Order
    node: Item

    @property
    def cursor(self) -> str:
        """Leads on from the item: where it lies, encoded."""
        order, node = self.order, self.node
        return _cursor(order, getattr(node, order.field), node.id)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list, in its order, and whether there is more on either side.

    On the side that was read towards that is exact; on the other there is more if a position bounds it.
    """

    order: Order
    items: list[Item]
    has_next: bool
    has_previous: bool

    def edges(self) -> list[Edge[Item]]:
        """The items with their cursors."""
        order = self.order
        return [Edge(order, item) for item in self.items]

    def cursors(self) -> tuple[str, str] | tuple[None, None]:
        """Those of the first item and of the last; None on an empty page."""
        if not self.items:
            return None, None
        return Edge(self.order, self.items[0]).cursor, Edge(self.order, self.items[-1]).cursor


def _cursor(order: Order, value: Value, item_id: Any) -> str:
    """Of a time it is put together from parts that are the same for each item of the order, at half the cost."""
    if isinstance(value, datetime):
        before, between, behind = order.frame
        milliseconds = (value - EPOCH) // MILLISECOND
        raw = before + item_id.binary + between + milliseconds.to_bytes(8, "little", signed=True) + behind
    else:
        raw = order.encoded(value, item_id)
    return binascii.b2a_base64(raw, newline=False).translate(URL_SAFE).decode()

"""Cursors are opaque, belong to one order, and any other text is no cursor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import bson
import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from models.gallery import NEWEST_FIRST, OrderField
from models.page import LONGEST_CURSOR_CHARACTERS, Direction, Edge, Position, Window

ORDERS = [field.order(direction) for field in OrderField for direction in Direction]
ID = PydanticObjectId("655f00000000000000000000")
VALUES = {
    datetime: st.datetimes(timezones=st.just(UTC)).map(
        lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
    ),
    int: st.integers(min_value=0, max_value=2**62),
    str: st.text(max_size=255).filter(lambda text: text.isprintable()),
}


def encoded(**fields):
    return base64.urlsafe_b64encode(bson.encode(fields)).decode()


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_a_cursor_leads_back_to_its_position_and_to_no_other_order(order, data):
    position = Position(
        order, data.draw(VALUES[order.kind]), PydanticObjectId(data.draw(st.binary(min_size=12, max_size=12)))
    )

    cursor = position.encode()

    assert Position.decode(cursor, order) == position
    assert [other for other in ORDERS if Position.decode(cursor, other)] == [order]


ANY_VALUES = {
    **VALUES,
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3.5))])),
}


@pytest.mark.parametrize("order", ORDERS)
@given(data=st.data())
def test_a_cursor_is_its_place_as_bson(order, data):
    value, document_id = (
        data.draw(ANY_VALUES[order.kind]),
        ObjectId(data.draw(st.binary(min_size=12, max_size=12))),
    )
    item = SimpleNamespace(**{order.field: value}, id=document_id)

    cursor = Edge(order, item).cursor

    assert cursor == encoded(**{order.field: value}, _id=document_id, direction=int(order.direction))
    assert cursor == Position(order, value, document_id).encode()


def test_the_longest_name_has_a_cursor():
    by_name = OrderField.FILENAME.order(Direction.ASC)

    cursor = Position(by_name, "\U0001f600" * 255, ID).encode()

    assert len(cursor) <= LONGEST_CURSOR_CHARACTERS
    assert Position.decode(cursor, by_name)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "\u00e9",
        "AAAA",
        "A" * 28 + "=",
        "A" * 10_000,
        "_" * 32,
        encoded(created_at=NOW),
        encoded(_id=ID, created_at=NOW),
        encoded(created_at="2026", _id=ID, direction=-1),
        encoded(created_at=5, _id=ID, direction=-1),
        encoded(created_at={"$gt": ""}, _id=ID, direction=-1),
        encoded(created_at=NOW, _id="x", direction=-1),
        encoded(created_at=NOW, _id=ID, direction=1),
        encoded(created_at=NOW, _id=ID, direction=-1, more=1),
        encoded(created_at=bson.DatetimeMS(2**62), _id=ID, direction=-1),
        encoded(created_at=NOW, _id=ObjectId("0" * 24), direction=-1) + "\n",
    ],
)
def test_what_is_no_cursor_decodes_to_none(cursor):
    assert Position.decode(cursor, NEWEST_FIRST) is None


def test_true_is_no_size():
    by_size = OrderField.SIZE_BYTES.order(Direction.ASC)

    assert Position.decode(encoded(size_bytes=1, _id=ID, direction=1), by_size)
    assert Position.decode(encoded(size_bytes=True, _id=ID, direction=1), by_size) is None


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_decodes_without_a_fault(cursor):
    assert Position.decode(cursor, NEWEST_FIRST) is None


def test_documents_inside_documents_decode_without_a_fault():
    nested = {}
    for _ in range(150):
        nested = {"a": nested}

    assert Position.decode(encoded(**nested), NEWEST_FIRST) is None


def test_positions_bound_both_sides():
    after, before = Position(NEWEST_FIRST, NOW, ID), Position(NEWEST_FIRST, NOW, ID)

    bounds = Window(NEWEST_FIRST, 5, after=after, before=before).bounds

    assert [list(bound["created_at"]) for bound in bounds] == [["$lte"], ["$gte"]]

"""Cursors are opaque, and any other text is no cursor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from beanie import PydanticObjectId
from hypothesis import given
from hypothesis import strategies as st

from models.page import Position


def test_a_cursor_leads_back_to_its_position():
    position = Position(datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC), PydanticObjectId())

    assert Position.decode(position.encode()) == position


@pytest.mark.parametrize(
    "cursor", ["", "x", "\u00e9", "AAAA", "A" * 28 + "=", "A" * 10_000, "________________________________"]
)
def test_what_is_no_cursor_decodes_to_none(cursor):
    assert Position.decode(cursor) is None


@given(st.text())
def test_any_text_decodes_without_a_fault(cursor):
    found = Position.decode(cursor)

    assert found is None or isinstance(found, Position)

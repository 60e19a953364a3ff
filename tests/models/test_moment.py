"""A moment goes out as a cursor and comes back the same; nothing else comes back."""

from __future__ import annotations

import base64

import pytest
from bson import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from models.moment import BEGINNING, Moment

TOKEN = "826B017EF1000000012B022C01002B026E5A1004936A113996734FB69566032882F0F45846645F696400646B017EF178A132F358CB073E0004"
HIGH_WATER = "826B017EF1000000012B0229296E04"


@pytest.mark.parametrize("key", [TOKEN, HIGH_WATER, BEGINNING.key])
def test_a_moment_comes_back_from_its_cursor(key):
    assert Moment.decode(Moment(key).encode()) == Moment(key)


def test_a_cursor_is_as_short_as_its_bytes_allow():
    assert len(Moment(TOKEN).encode()) == 76


@given(st.text() | st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")))
def test_any_text_is_a_moment_or_none(text):
    moment = Moment.decode(text)

    assert moment is None or (moment.encode() == text and moment.time >= Timestamp(1, 0))


@pytest.mark.parametrize(
    "key", ["", "82", TOKEN[:16], "83" + TOKEN[2:], "82" + "00" * 20, TOKEN + "00" * 1_024]
)
def test_what_is_no_place_in_the_order_of_commits_is_none(key):
    assert Moment.decode(Moment(key).encode()) is None


@pytest.mark.parametrize(
    "cursor", [Moment(TOKEN).encode() + "==", Moment(TOKEN).encode() + "é", "n" * 10_000]
)
def test_a_cursor_that_was_altered_is_none(cursor):
    assert Moment.decode(cursor) is None


def test_a_cluster_time_begins_before_all_that_has_it():
    time = Moment(TOKEN).time

    assert Moment.at(time) < Moment(HIGH_WATER) < Moment(TOKEN) < Moment.at(Timestamp(time.time, 2))
    assert Moment.at(time).time == time

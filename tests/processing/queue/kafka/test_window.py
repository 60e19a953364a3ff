"""An item is announced once for each of its dates, and again, later each time and elsewhere, while nobody takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beanie import PydanticObjectId
from hypothesis import given
from hypothesis import strategies as st

from models.work import InLine
from processing.queue.kafka.window import AGAIN_SECONDS, LONGEST_AGAIN_SECONDS, Window

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ready(since_seconds=0):
    return InLine(PydanticObjectId(), NOW - timedelta(seconds=since_seconds), -since_seconds)


def announced(window, line, now):
    turns = window.due(line, now)
    window.remember(turns, now)
    return turns


def test_what_is_ready_is_announced_in_its_order_and_once():
    window, line = Window(), [ready(3), ready(2), ready(1)]

    assert [turn.item for turn in announced(window, line, 0)] == line
    assert announced(window, line, AGAIN_SECONDS - 1) == []


def test_what_is_not_ready_is_not_announced():
    assert Window().due([InLine(PydanticObjectId(), NOW, 0.5)], 0) == []


def test_a_new_date_is_announced_at_once():
    window, item = Window(), ready()
    announced(window, [item], 0)
    again = InLine(item.id, item.ready_at + timedelta(seconds=1), 0)

    assert [turn.item for turn in announced(window, [again], 0.1)] == [again]


def test_what_nobody_takes_goes_to_the_next_partition_later_each_time():
    window, item, now, told = Window(), ready(), 0.0, []
    for _ in range(12):
        told += [(turn.number, window.seconds_until_again(now)) for turn in announced(window, [item], now)]
        now += window.seconds_until_again(now)

    assert [number for number, _ in told] == list(range(12))
    assert [pause for _, pause in told][:3] == [AGAIN_SECONDS, 2 * AGAIN_SECONDS, 4 * AGAIN_SECONDS]
    assert told[-1][1] == LONGEST_AGAIN_SECONDS


@given(st.lists(st.sets(st.integers(0, 20)), max_size=20))
def test_nothing_is_remembered_of_what_has_left_the_beginning_of_the_line(looks):
    window, items = Window(), [ready() for _ in range(21)]
    for now, shown in enumerate(looks):
        announced(window, [items[number] for number in sorted(shown)], now)

        assert len(window._announced) == len(shown)

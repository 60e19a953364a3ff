"""What is left is told once there is enough to judge by, from the time of work alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from models.batch import Counts, Pace
from processing.batches import pace

START = datetime(2026, 1, 1, tzinfo=UTC)


def eta(after_seconds, succeeded, total, state):
    counts = Counts(total=total, pending=total - succeeded, succeeded=succeeded)
    batch = SimpleNamespace(pace=state, counts=counts)
    return pace.eta_seconds(batch, START + timedelta(seconds=after_seconds))


@pytest.mark.parametrize(
    ("after_seconds", "succeeded", "expected"),
    [(1, 0, None), (1, 1, None), (10, 0, None), (5, 1, 495), (1, 2, 49), (50, 50, 50), (100, 100, 0)],
)
def test_nothing_is_told_before_two_percent_or_five_seconds(after_seconds, succeeded, expected):
    assert eta(after_seconds, succeeded, 100, Pace(since=START)) == expected


def test_nothing_is_told_of_a_batch_that_rests():
    assert eta(50, 50, 100, Pace(seconds=50)) is None


def test_time_of_rest_does_not_count():
    rested = pace.rested(Pace(since=START), START + timedelta(seconds=10))
    resumed = pace.begun(rested, START + timedelta(hours=1))

    assert pace.worked_seconds(rested, START + timedelta(minutes=30)) == 10
    assert pace.worked_seconds(resumed, START + timedelta(hours=1, seconds=5)) == 15


def test_beginning_and_resting_twice_is_like_once():
    begun = pace.begun(Pace(since=START), START + timedelta(seconds=10))
    rested = pace.rested(Pace(seconds=7), START + timedelta(seconds=10))

    assert (begun, rested) == (Pace(since=START), Pace(seconds=7))


def test_a_further_round_is_judged_by_itself():
    assert eta(10, 60, 100, Pace(since=START, ended_before=50)) == 40

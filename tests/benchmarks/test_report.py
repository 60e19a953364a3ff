from __future__ import annotations

import pytest

from benchmarks import report
from benchmarks.report import MICROSECONDS, Goal
from benchmarks.rounds import Comparison, Sample


def compared(**rounds):
    samples = {name: [Sample(cost, 0, 10) for cost in costs] for name, costs in rounds.items()}
    return Comparison("a page", tuple(rounds), samples)


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(2.9, "missed"), (3.0, "short of the aim"), (3.9, "short of the aim"), (4.0, "reached")],
)
def test_a_goal_says_what_was_reached(ratio, verdict):
    assert Goal(3, 4).verdict(ratio) == f"must 3, aim 4: {verdict}"


def test_every_side_has_its_ratio_to_the_first_and_its_goal():
    found = compared(ours=[1, 2], theirs=[4, 6], others=[1, 1])

    _, ours, theirs, others = report.table([found], {("a page", "theirs"): Goal(3)}).splitlines()

    assert "[" not in ours
    assert "3.50 [3.00..4.00]" in theirs
    assert theirs.endswith("must 3: reached")
    assert others.endswith("0.75 [0.50..1.00]")


def test_small_times_are_shown_in_the_unit_that_is_asked_for():
    table = report.table([compared(ours=[0.0123])], unit=MICROSECONDS)

    assert "CPU µs" in table
    assert "12.30" in table

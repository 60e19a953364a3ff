"""Markers are found where a regular expression, which says what they are, finds them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.probe import markers

AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
ENTROPY = b"\x12\xff\x00\xff\xd3" * 30_000
MARKS = st.sampled_from(
    [b"\xff", b"\x00", b"\xd0", b"\xd7", b"\xcf", b"\xd8", b"\xd9", b"\xda", b"\x01", b"\xfe"]
)


def expected(window, at):
    found = AFTER_SCAN.search(window, at)
    return found.start() if found else -1


@given(st.lists(MARKS).map(b"".join), st.integers(0, 12))
def test_every_pair_is_what_the_standard_says(window, at):
    assert markers.after_scan(window, at) == expected(window, at)


@given(st.integers(0, len(ENTROPY)), st.sampled_from([b"\xff\xd9", b"\xff\xff\xda", b"\xff\x01"]))
def test_a_marker_is_found_anywhere_in_long_data(place, marker):
    window = memoryview(ENTROPY[:place] + marker + ENTROPY[place:])

    assert markers.after_scan(window, 0) == expected(window, 0)


@pytest.mark.parametrize("at", range(65_530, 65_542))
def test_a_marker_on_the_seam_of_what_is_looked_at_together_is_found(at):
    window = bytes(at) + b"\xff\xd9"

    assert markers.after_scan(window, 0) == at
    assert markers.after_scan(window[:-1], 0) == -1


def test_fill_is_passed_over():
    assert markers.after_fill(b"\x00\xff\xff\xd9", 1) == 3
    assert markers.after_fill(b"\xff\xff", 0) == -1

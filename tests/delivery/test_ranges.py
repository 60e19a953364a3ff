"""Every form of the Range header."""

from __future__ import annotations

import pytest

from delivery.ranges import ByteRange, Unsatisfiable, parse

SIZE = 100


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-99", ByteRange(0, 100)),
        ("bytes=0-1000", ByteRange(0, 100)),
        ("bytes=99-", ByteRange(99, 100)),
        ("bytes=-1", ByteRange(99, 100)),
        ("bytes=-1000", ByteRange(0, 100)),
        ("bytes= 5-6 ", ByteRange(5, 7)),
    ],
)
def test_a_range_is_cut_to_the_object(header, expected):
    assert parse(header, SIZE) == expected


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes=", "bytes=-", "bytes=6-5", "bytes=0-1,3-4", "items=0-1", "bytes=x-y", "bytes=\u0661-"],
)
def test_what_is_no_single_range_asks_for_everything(header):
    assert parse(header, SIZE) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", SIZE), ("bytes=-0", SIZE), ("bytes=0-0", 0), ("bytes=-5", 0)]
)
def test_a_range_of_which_nothing_exists_is_unsatisfiable(header, size):
    with pytest.raises(Unsatisfiable):
        parse(header, size)

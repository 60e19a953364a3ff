"""What EXIF says of camera and time, read with care."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.values import MetadataPolicy
from processing import metadata
from tests import metadata_pictures as full
from tests import pictures

TIME, OFFSET, SUB_SECOND = 0x9003, 0x9011, 0x9291


def details(block):
    content = full.jpeg(full.exif_segment(block))
    return metadata.read(content, 1, MetadataPolicy.STRIP_ALL).details


def taken_at(**shot):
    tags = {"time": TIME, "offset": OFFSET, "sub_second": SUB_SECOND}
    said = {TIME: "", OFFSET: "", SUB_SECOND: ""} | {tags[name]: value for name, value in shot.items()}
    return details(full.exif(shot=said)).taken_at


@pytest.mark.parametrize("order", "<>")
def test_camera_and_time_are_read(order):
    said = details(full.exif(order=order, orientation=8))

    assert (said.camera_make, said.camera_model, said.orientation) == ("Kamera & Co (Test)", "K-1000", 8)
    assert said.taken_at == datetime(2024, 5, 17, 8, 18, 22, 250_000, tzinfo=UTC)


def test_a_picture_that_says_nothing_has_details_all_the_same():
    said = metadata.read(pictures.png(), 1, MetadataPolicy.STRIP_ALL).details

    assert (said.taken_at, said.camera_make, said.camera_model, said.orientation) == (None, None, None, None)
    assert (said.has_alpha, said.frame_count, said.color_space) == (False, 1, "srgb")


@pytest.mark.parametrize(
    ("shot", "expected"),
    [
        ({}, datetime(2024, 5, 17, 14, 3, 22, tzinfo=UTC)),
        ({"offset": "-03:30"}, datetime(2024, 5, 17, 17, 33, 22, tzinfo=UTC)),
        ({"offset": "+14:00"}, datetime(2024, 5, 17, 0, 3, 22, tzinfo=UTC)),
        ({"offset": "summer"}, datetime(2024, 5, 17, 14, 3, 22, tzinfo=UTC)),
        ({"sub_second": "5"}, datetime(2024, 5, 17, 14, 3, 22, 500_000, tzinfo=UTC)),
        ({"sub_second": "007 "}, datetime(2024, 5, 17, 14, 3, 22, 7_000, tzinfo=UTC)),
        ({"sub_second": "123456789"}, datetime(2024, 5, 17, 14, 3, 22, 123_456, tzinfo=UTC)),
        ({"sub_second": "-1"}, datetime(2024, 5, 17, 14, 3, 22, tzinfo=UTC)),
    ],
)
def test_the_clock_is_taken_as_utc_unless_an_offset_is_given(shot, expected):
    assert taken_at(time="2024:05:17 14:03:22", **shot) == expected


@pytest.mark.parametrize(
    "time",
    [
        *("0000:00:00 00:00:00", "    :  :     :  :  ", "", "2024:13:17 14:03:22", "2024:02:30 14:03:22"),
        *("2024:05:17 24:00:00", "2024:05:17", "yesterday", "99999:05:17 14:03:22"),
        *("0001:01:01 00:00:00", "9999:12:31 23:59:59"),
    ],
)
def test_a_time_that_makes_no_sense_is_none(time):
    assert taken_at(time=time, offset="+23:59") is None or time.startswith("9999:12")
    assert taken_at(time=time, offset="-23:59") is None or time.startswith("0001:01")


@pytest.mark.parametrize("offset", ["+24:00", "+99:99", "-24:00"])
def test_a_clock_a_day_or_more_ahead_is_none(offset):
    assert taken_at(time="2024:05:17 14:03:22", offset=offset) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  NIKON  ", "NIKON"),
        ("Ni\x01\x1bkon\r\n", "Ni kon"),
        ("x" * 500, "x" * 64),
        (" \t", None),
        ("Brand (old) (", "Brand (old) ("),
        ("One (One", "One (One"),
        (b"no text\xff", None),
        (7, None),
    ],
)
def test_the_cameras_name_is_made_safe_to_show(written, read):
    block = full.exif(first={0x0110: written})

    assert details(block).camera_model == read


def test_a_local_time_is_kept_under_strip_gps_and_its_zone_is_not():
    report = metadata.read(full.full_jpeg(), 1, MetadataPolicy.STRIP_GPS).privacy

    assert "DateTimeOriginal" not in report.removed_tags
    assert "OffsetTimeOriginal" in report.removed_tags

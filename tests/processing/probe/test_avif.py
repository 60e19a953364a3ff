import struct

import pytest

import errors
from processing.probe import Limits, Probed, avif
from tests import pictures
from tests.processing.probe import files

BRANDS = files.brands(b"avif", b"mif1", b"miaf")
SEQUENCE = files.brands(b"avis", b"avif", b"msf1")
SIZE = files.ispe(64, 48)
DATA = files.box(b"mdat", bytes(100))
EMPTY_META = files.full_box(b"meta")


def irot(quarter_turns):
    return files.box(b"irot", bytes([quarter_turns]))


def clap(width_px, height_px, by=1):
    return files.box(b"clap", struct.pack(">8I", width_px * by, by, height_px * by, by, 0, 1, 0, 1))


def sides(data):
    probed = files.probe(data)
    return probed.width_px, probed.height_px


@pytest.mark.parametrize(
    ("quarter_turns", "expected"), [(0, (64, 48)), (1, (48, 64)), (2, (64, 48)), (3, (48, 64))]
)
def test_quarter_turns_swap_the_sides(quarter_turns, expected):
    assert sides(BRANDS + files.meta(SIZE, irot(quarter_turns)) + DATA) == expected


def test_a_clean_aperture_crops_before_the_turn():
    assert sides(BRANDS + files.meta(SIZE, clap(60, 20), irot(1)) + DATA) == (20, 60)


@pytest.mark.parametrize("aperture", [clap(65, 48), clap(0, 48), clap(64, 48, by=0)])
def test_a_clean_aperture_that_makes_no_sense_is_passed_over(aperture):
    assert sides(BRANDS + files.meta(SIZE, aperture) + DATA) == (64, 48)


def test_the_picture_may_lie_before_its_description():
    extent = (len(BRANDS) + 8, 100)
    assert sides(BRANDS + DATA + files.meta(SIZE, extent=extent)) == (64, 48)


def test_a_last_box_may_reach_to_the_end_of_the_file():
    assert sides(BRANDS + files.meta(SIZE) + struct.pack(">I4s", 0, b"mdat") + bytes(10)) == (64, 48)


def test_a_box_may_state_its_size_in_eight_bytes():
    assert sides(BRANDS + files.meta(SIZE) + struct.pack(">I4sQ", 1, b"mdat", 26) + bytes(10)) == (64, 48)


def test_an_extent_beyond_the_file_is_corrupt():
    start = len(BRANDS + files.meta(SIZE)) + 8
    assert sides(BRANDS + files.meta(SIZE, extent=(start, 100)) + DATA) == (64, 48)
    with pytest.raises(errors.CorruptImageError, match="missing"):
        files.probe(BRANDS + files.meta(SIZE, extent=(start, 101)) + DATA)


def test_a_box_cut_short_behind_the_picture_is_corrupt():
    with pytest.raises(errors.CorruptImageError, match="cut short"):
        files.probe(BRANDS + files.meta(SIZE) + DATA[:-1])


def test_the_frames_of_a_sequence_count():
    data = SEQUENCE + files.meta(SIZE) + files.moov(7, 64, 48) + DATA
    assert files.probe(data) == Probed("image/avif", 64, 48, 7)
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(data, Limits(max_pixels=100_000, max_frames=6))
    assert refusal.value.limit_frames == 6


def test_a_sequence_may_come_without_a_still_picture():
    assert files.probe(SEQUENCE + files.moov(2, 64, 48) + DATA) == Probed("image/avif", 64, 48, 2)


@pytest.mark.parametrize("frames", [b"", files.moov(0, 64, 48), files.moov(5, 64, 48, coding=b"hvc1")])
def test_a_sequence_without_its_frames_is_corrupt(frames):
    with pytest.raises(errors.CorruptImageError, match="missing"):
        files.probe(SEQUENCE + files.meta(SIZE) + frames + DATA)


@pytest.mark.parametrize(
    "huge", [files.meta(SIZE, files.ispe(60_000, 60_000)), files.moov(1, 60_000, 60_000)]
)
def test_no_item_and_no_track_may_be_larger_than_the_limit(huge):
    with pytest.raises(errors.ImageTooLargeError):
        files.probe(BRANDS + huge + files.meta(SIZE) + DATA)


def test_a_general_brand_is_taken_when_the_item_is_av1():
    assert sides(files.brands(b"mif1", b"miaf") + files.meta(SIZE) + DATA) == (64, 48)


@pytest.mark.parametrize(("coding", "name"), [(b"hvc1", "image/heic"), (b"jpeg", "image/heif")])
def test_a_general_brand_over_another_coding_is_refused_by_name(coding, name):
    with pytest.raises(errors.UnsupportedFormatError) as refusal:
        files.probe(files.brands(b"mif1", b"miaf") + files.meta(SIZE, coding=coding) + DATA)
    assert refusal.value.detected_media_type == name


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BRANDS + DATA, "missing"),
        (BRANDS + EMPTY_META, "broken"),
        (BRANDS + files.meta() + DATA, "how large"),
        (BRANDS + files.meta(files.ispe(0, 48)) + DATA, "no width"),
        (BRANDS + struct.pack(">I4s", 7, b"free"), "impossible size"),
        (BRANDS + struct.pack(">I4s", avif.MAX_DESCRIPTION_BYTES + 9, b"meta"), "more than 1 MiB"),
        (BRANDS + files.meta(SIZE).replace(b"pitm", b"xxxx") + DATA, "which of its items"),
        (BRANDS + files.meta(SIZE).replace(b"iloc", b"xxxx") + DATA, "where its picture lies"),
        (BRANDS + files.meta(SIZE).replace(b"\x44\x00", b"\x47\x00") + DATA, "broken"),
    ],
)
def test_a_broken_structure_is_corrupt_and_says_what_is_wrong(data, words):
    with pytest.raises(errors.CorruptImageError, match=words):
        files.probe(data)


def test_a_description_of_endless_parts_is_given_up_on():
    endless = files.full_box(b"meta", files.box(b"free") * 100_000)
    with pytest.raises(errors.CorruptImageError, match="broken"):
        files.probe(BRANDS + endless)


def test_what_libheif_writes_is_read():
    assert sides(pictures.avif(1, 1)) == (1, 1)
    assert sides(pictures.avif(301, 7, flat=True)) == (301, 7)

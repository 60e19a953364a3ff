"""What holds for every format: cuts, truncation, damage, trailing bytes and limits."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errors
from processing.probe import INPUT_MEDIA_TYPES, Limits, Probe, Probed
from tests import pictures
from tests.processing.probe import files

SAMPLES = {
    "jpeg": (pictures.jpeg(), Probed("image/jpeg", 64, 48, 1)),
    "jpeg progressive": (pictures.jpeg(progressive=True), Probed("image/jpeg", 64, 48, 1)),
    "jpeg with thumbnail": (
        pictures.jpeg(orientation=6, gps=True, thumbnail=pictures.jpeg(16, 12)),
        Probed("image/jpeg", 48, 64, 1),
    ),
    "png": (pictures.png(), Probed("image/png", 64, 48, 1)),
    "webp": (pictures.webp(), Probed("image/webp", 64, 48, 1)),
    "webp lossless": (pictures.webp(lossless=True), Probed("image/webp", 64, 48, 1)),
    "gif": (pictures.gif(), Probed("image/gif", 64, 48, 1)),
    "avif": (pictures.avif(), Probed("image/avif", 64, 48, 1)),
    "animated gif": (pictures.animated_gif(3), Probed("image/gif", 32, 24, 3)),
    "animated webp": (pictures.animated_webp(3), Probed("image/webp", 32, 24, 3)),
}
every_sample = pytest.mark.parametrize(("data", "expected"), SAMPLES.values(), ids=SAMPLES)
every_format = pytest.mark.parametrize(
    "make", [pictures.jpeg, pictures.png, pictures.webp, pictures.gif, pictures.avif], ids=INPUT_MEDIA_TYPES
)
cuts = st.lists(st.integers(0, 12_000), max_size=12)


def outcome(pieces):
    """What comes of these pieces, so that outcomes compare equal; no other exception may come out."""
    try:
        return files.probe_pieces(pieces)
    except errors.UserError as refusal:
        return type(refusal), refusal.message


def cut(data, positions):
    edges = [0, *sorted(position % (len(data) + 1) for position in positions), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@every_sample
def test_a_whole_file_is_described(data, expected):
    assert files.probe(data) == expected


@every_sample
def test_a_file_fed_byte_by_byte_is_described_just_the_same(data, expected):
    assert files.probe_pieces(bytes([byte]) for byte in data) == expected


@given(st.sampled_from(list(SAMPLES)), cuts)
def test_any_cut_of_a_file_gives_the_same_answer(name, positions):
    data, expected = SAMPLES[name]
    assert files.probe_pieces(cut(data, positions)) == expected


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_pieces_may_be_bytes_bytearrays_or_memoryviews(wrap):
    assert files.probe_pieces([wrap(pictures.png())]).media_type == "image/png"


def test_a_piece_may_be_overwritten_once_it_was_fed():
    data, buffer, probing = pictures.jpeg(), bytearray(7), Probe(files.LIMITS)
    for start in range(0, len(data), 7):
        piece = data[start : start + 7]
        buffer[: len(piece)] = piece
        probing.feed(memoryview(buffer)[: len(piece)])
    assert probing.finish().media_type == "image/jpeg"


@every_sample
def test_of_a_piece_that_was_fed_nothing_is_held(data, expected):
    probing = Probe(files.LIMITS)
    for start in range(0, len(data), 1000):
        piece = bytearray(data[start : start + 1000])
        probing.feed(piece)
        piece.clear()  # raises if somebody still looks at it
    assert probing.finish() == expected


@every_sample
def test_a_file_cut_short_anywhere_after_its_signature_is_corrupt(data, expected):
    for end in {*range(12, len(data), len(data) // 60 + 1), len(data) - 1, len(data) - 2}:
        with pytest.raises(errors.CorruptImageError):
            files.probe(data[:end])


@given(st.sampled_from(list(SAMPLES)), st.data())
def test_a_damaged_file_gives_an_answer_or_a_refusal_whatever_the_cut(name, draw):
    data = bytearray(SAMPLES[name][0])
    for _ in range(draw.draw(st.integers(1, 6))):
        start = draw.draw(st.integers(0, min(len(data) - 1, 700)))
        data[start : start + draw.draw(st.integers(0, 4))] = draw.draw(st.binary(max_size=4))
    assert outcome([bytes(data)]) == outcome(cut(bytes(data), draw.draw(cuts)))


@given(st.sampled_from([data[:12] for data, _ in SAMPLES.values()]), st.binary(max_size=200), cuts)
def test_garbage_behind_a_signature_gives_a_refusal_whatever_the_cut(signature, garbage, positions):
    data = signature + garbage
    assert outcome([data]) == outcome(cut(data, positions))


@every_sample
@pytest.mark.parametrize(
    "trailer", [b"\0", b"PK\x03\x04\x14\0\0\0", b"<script>alert(1)</script>", b"\xff" * 99]
)
def test_bytes_after_the_end_are_ignored(data, expected, trailer):
    assert files.probe(data + trailer) == expected


@every_format
def test_a_picture_of_one_pixel_comes_in(make):
    probed = files.probe(make(1, 1))
    assert (probed.width_px, probed.height_px) == (1, 1)


@every_format
def test_a_picture_at_the_pixel_limit_comes_in(make):
    assert files.probe(make(60, 40), Limits(max_pixels=2400, max_frames=1)).width_px == 60


@every_format
def test_a_picture_one_pixel_above_the_limit_is_refused_with_the_limit(make):
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(make(60, 40), Limits(max_pixels=2399, max_frames=1))
    assert (refusal.value.limit_pixels, refusal.value.limit_frames) == (2399, None)


@pytest.mark.parametrize("make", [pictures.animated_gif, pictures.animated_webp])
def test_an_animation_at_the_frame_limit_comes_in_and_one_frame_more_is_refused(make):
    limits = Limits(max_pixels=10_000, max_frames=4)
    assert files.probe(make(4), limits).frame_count == 4
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(make(5), limits)
    assert refusal.value.limit_frames == 4


@pytest.mark.parametrize("make", [pictures.animated_gif, pictures.animated_webp])
def test_all_frames_together_have_at_most_five_times_the_pixels_of_one(make):
    limits = Limits(max_pixels=32 * 24, max_frames=1000)
    assert files.probe(make(5, 32, 24), limits).frame_count == 5
    with pytest.raises(errors.ImageTooLargeError) as refusal:
        files.probe(make(6, 32, 24), limits)
    assert refusal.value.limit_frames == 5


@every_format
def test_too_many_pixels_are_refused_before_the_file_has_ended(make):
    probing = Probe(Limits(max_pixels=100, max_frames=1))
    with pytest.raises(errors.ImageTooLargeError):
        probing.feed(make(200, 150)[:700])


def test_a_refusal_is_repeated_by_every_later_call():
    probing = Probe(files.LIMITS)
    with pytest.raises(errors.UnsupportedFormatError):
        probing.feed(b"%PDF-1.7" + bytes(5000))
    with pytest.raises(errors.UnsupportedFormatError):
        probing.feed(pictures.jpeg())
    with pytest.raises(errors.UnsupportedFormatError):
        probing.finish()


def test_finishing_twice_gives_the_same_answer():
    probing = Probe(files.LIMITS)
    probing.feed(pictures.gif())
    assert probing.finish() == probing.finish()


def test_an_empty_file_is_of_no_format():
    with pytest.raises(errors.UnsupportedFormatError) as refusal:
        Probe(files.LIMITS).finish()
    assert refusal.value.detected_media_type is None


def test_a_long_file_is_never_held_in_memory():
    probing = Probe(files.LIMITS)
    data = pictures.photo()
    for start in range(0, len(data), 65_536):
        probing.feed(data[start : start + 65_536])
        assert len(probing._reader._window) <= 2 * 65_536
    assert probing.finish().frame_count == 1

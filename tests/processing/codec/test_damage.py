"""Images that are none, or no longer: each is refused, the next one is not touched."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.values import Compression, CompressionMode, MetadataPolicy
from tests import pictures
from tests.processing.codec import originals
from tests.processing.codec.child import RefusedError

shared = settings(
    max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.too_slow]
)
SOUND = pictures.jpeg()
COMPRESSIONS = (Compression(), Compression(mode=CompressionMode.TARGET_RATIO, value=0.4))
CODES = ("NOT_DECODABLE", "IMAGE_TOO_LARGE", "IMAGE_TOO_LARGE_TO_COMPRESS", "UNSUPPORTED_FORMAT")


def code_of(child, content, compression=COMPRESSIONS[0]):
    with pytest.raises(RefusedError) as refused:
        child.compress(content, compression)
    return str(refused.value)


@shared
@given(
    original=originals.jpegs(tells=False),
    share=st.floats(0.3, 0.98),
    compression=st.sampled_from(COMPRESSIONS),
)
def test_a_jpeg_that_is_cut_short_is_damaged(child, original, share, compression):
    cut = original.content[: int(len(original.content) * share)]

    assert code_of(child, cut, compression) == "NOT_DECODABLE"


@shared
@given(
    original=originals.originals,
    at=st.floats(0, 0.999),
    byte=st.integers(0, 255),
    compression=st.sampled_from(COMPRESSIONS),
)
def test_any_byte_may_be_wrong_without_harm_to_the_next_image(child, original, at, byte, compression):
    place = int(at * len(original.content))
    harmed = original.content[:place] + bytes([byte]) + original.content[place + 1 :]

    answer = child.ask((harmed, compression, MetadataPolicy.STRIP_ALL))

    assert answer in CODES or len(answer[0]) <= len(harmed)
    assert child.compress(SOUND).width_px == 64


@shared
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from((b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a")),
)
def test_what_is_no_image_is_refused(child, content, start):
    assert code_of(child, start + content) in CODES


def test_what_libjpeg_gives_up_on_ends_the_process_with_an_answer(child):
    at = SOUND.index(b"\xff\xc4") + 5
    harmed = SOUND[:at] + b"\xff" * 16 + SOUND[at + 16 :]

    assert code_of(child, harmed) == "NOT_DECODABLE"
    assert child.exit_code == 86
    assert child.compress(SOUND).media_type == "image/jpeg"


def test_a_picture_with_more_pixels_than_are_decoded_is_refused_before_that(child):
    at = SOUND.index(b"\xff\xc0") + 5
    huge = SOUND[:at] + b"\xff\xdc\xff\xdc" + SOUND[at + 4 :]

    assert code_of(child, huge) == "IMAGE_TOO_LARGE"


def test_a_png_whose_pixels_do_not_decode_is_damaged(child):
    assert code_of(child, pictures.undecodable_png()) == "NOT_DECODABLE"

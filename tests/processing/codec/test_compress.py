"""Whatever comes in: what comes out is the same picture, upright, never more bytes, and tells no more than it may."""

from __future__ import annotations

import numpy as np
import pyvips
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.values import Compression, CompressionMode, MetadataPolicy
from tests import metadata_pictures as full
from tests.processing.codec import originals

shared = settings(
    max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.too_slow]
)

qualities = st.builds(Compression, value=st.integers(1, 100))
ratios = st.builds(Compression, mode=st.just(CompressionMode.TARGET_RATIO), value=st.floats(0.05, 0.95))
compressions = st.one_of(qualities, ratios)


def shown(content: bytes) -> pyvips.Image:
    """The pixels of all frames, upright, in sRGB."""
    opened = pyvips.Image.new_from_buffer(
        content, "fail_on=error,n=-1" if content[:4] in (b"GIF8", b"RIFF") else ""
    )
    image = opened.autorot()
    return image.icc_transform("srgb") if image.interpretation == "cmyk" else image.colourspace("srgb")


def duration(image: pyvips.Image) -> int:
    """In milliseconds; frames that are alike may have become one."""
    return sum(image.get("delay")) if image.get_typeof("delay") else 0


def psnr(found: pyvips.Image, wanted: pyvips.Image) -> float:
    found, wanted = (image.flatten() if image.hasalpha() else image for image in (found, wanted))
    found = found.crop(0, 0, found.width, wanted.height)
    difference = found[:3].numpy().astype(float) - wanted[:3].numpy().astype(float)
    return float(10 * np.log10(255**2 / max(1e-3, np.square(difference).mean())))


@shared
@given(original=originals.originals, compression=compressions, policy=originals.policies)
def test_an_image_comes_out_upright_whole_and_never_larger(child, original, compression, policy):
    made = child.compress(original.content, compression, policy)

    image = shown(made.content)
    image.avg()
    assert len(made.content) <= len(original.content)
    assert (made.width_px, made.height_px) == (original.drawn.width, original.drawn.height)
    assert (image.width, image.get_page_height()) == (made.width_px, made.height_px)
    assert duration(image) == duration(shown(original.content))
    assert image.hasalpha() or "alpha" not in original.kind


@shared
@given(
    original=st.one_of(originals.jpegs(least_quality=40), originals.others()), quality=st.integers(30, 100)
)
def test_an_image_still_shows_what_it_showed(child, original, quality):
    made = child.compress(original.content, Compression(value=quality))

    assert psnr(shown(made.content), shown(original.content)) > 24


@shared
@given(original=originals.originals, compression=compressions, policy=originals.policies)
def test_the_same_bytes_become_the_same_bytes(child, original, compression, policy):
    first, second = (child.compress(original.content, compression, policy) for _ in range(2))

    assert first == second


@shared
@given(original=originals.jpegs(tells=True), compression=compressions)
def test_nothing_that_a_camera_or_its_user_wrote_is_left(child, original, compression):
    made = child.compress(original.content, compression, MetadataPolicy.STRIP_ALL)

    assert full.MARKER in original.content
    assert full.MARKER not in made.content
    assert full.MAKE not in made.content
    assert not any(place in made.content for place in full.PLACES)
    assert made.content.endswith(b"\xff\xd9")
    assert made.content.count(b"\xff\xd8\xff") == 1


@shared
@given(original=originals.jpegs(tells=True), compression=compressions)
def test_no_place_is_left_where_places_may_not_stay(child, original, compression):
    made = child.compress(original.content, compression, MetadataPolicy.STRIP_GPS)

    assert full.MARKER not in made.content
    assert b"GPS" not in made.content
    assert not any(place in made.content for place in full.PLACES)


@shared
@given(original=originals.jpegs(kinds=originals.JPEG_KINDS[:-1]), quality=st.integers(1, 100))
def test_what_has_been_made_smaller_loses_nothing_more(child, original, quality):
    once = child.compress(original.content, Compression(value=quality))

    twice = child.compress(once.content, Compression(value=quality))

    assert psnr(shown(twice.content), shown(once.content)) > 70


@shared
@given(
    original=originals.originals,
    format_name=st.sampled_from(("JPEG", "PNG", "WEBP", "GIF", "AVIF")),
    compression=compressions,
)
def test_another_format_is_made_where_it_is_no_larger(child, original, format_name, compression):
    wanted = compression.model_copy(update={"format": format_name})

    made = child.compress(original.content, wanted)

    assert len(made.content) <= len(original.content)
    assert made.kept_original or made.media_type == f"image/{format_name.lower()}"
    assert (made.width_px, made.height_px) == (original.drawn.width, original.drawn.height)
    assert shown(made.content).width == original.drawn.width

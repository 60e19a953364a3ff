"""An original that cannot be made smaller stays what it is, but for what is not to be told."""

from __future__ import annotations

import pytest
import pyvips

from models.values import MetadataPolicy
from processing.codec import kept
from processing.codec.jpeg import facts
from processing.probe import Limits, Probe
from tests import metadata_pictures as full
from tests import pictures
from tests.processing.codec import originals
from tests.processing.probe import files

ORIGINALS = {
    "image/jpeg": full.full_jpeg,
    "image/png": full.full_png,
    "image/webp": full.full_webp,
    "image/gif": full.full_gif,
    "image/avif": full.full_avif,
}
PARTS = [(media_type, policy) for media_type in ORIGINALS for policy in MetadataPolicy]


def probed(content):
    probe = Probe(Limits(1_000_000, 100))
    probe.feed(content)
    return probe.finish()


def pixels(content):
    return pyvips.Image.new_from_buffer(content, "fail_on=error").write_to_memory()


@pytest.mark.parametrize(("media_type", "policy"), PARTS)
def test_its_pixels_and_its_turn_stay_and_it_does_not_grow(media_type, policy):
    original = ORIGINALS[media_type](orientation=6) if media_type != "image/gif" else full.full_gif()

    left = kept.original(memoryview(original), media_type, policy)

    assert probed(left) == probed(original)
    assert pixels(left) == pixels(original)
    assert len(left) <= len(original)
    assert not left.endswith((full.MARKER, full.MARKER[:8]))


@pytest.mark.parametrize(("media_type", "policy"), [part for part in PARTS if part[1] != MetadataPolicy.KEEP])
def test_nothing_is_told(media_type, policy):
    original = ORIGINALS[media_type]()

    left = kept.original(memoryview(original), media_type, policy)

    places = () if media_type == "image/gif" else full.PLACES
    assert full.MARKER in original
    assert b"52,31.25N" not in left
    assert not any(place in left for place in places)
    assert full.MARKER not in left.replace(full.icc(), b"")


@pytest.mark.parametrize("content", [pictures.animated_gif(), pictures.animated_webp()])
def test_an_animation_goes_on(content):
    media_type = probed(content).media_type

    left = kept.original(memoryview(content), media_type, MetadataPolicy.STRIP_ALL)

    before, after = (pyvips.Image.new_from_buffer(each, "n=-1") for each in (content, left))
    assert after.get("delay") == before.get("delay")
    assert after.write_to_memory() == before.write_to_memory()


def test_what_libvips_would_stop_is_kept_moving(child):
    still = pictures.png()
    moving = files.png_with(still, files.chunk(b"acTL", b"\0\0\0\2\0\0\0\0"), files.chunk(b"fcTL", bytes(26)))

    if probed(moving).frame_count > 1:
        assert child.compress(moving).kept_original


def test_a_small_jpeg_of_low_quality_is_kept(child):
    content = child.compress(originals.jpeg("grey", originals.drawn(90, 60), 20)).content

    made = child.compress(content)

    assert made.kept_original
    assert facts.inspect(memoryview(made.content)).frame.width_px == 90

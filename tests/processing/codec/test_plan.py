"""Each JPEG goes the cheapest way that keeps what is to be kept."""

from __future__ import annotations

import pytest

from models.values import Compression, CompressionMode
from processing.codec.jpeg import facts
from processing.codec.jpeg.plan import Path, plan
from tests.processing.codec import originals

FIT = Compression(mode=CompressionMode.TARGET_RATIO, value=0.5)


def way(kind, compression=None, *, quality=90, orientation=1):
    encoded = originals.jpeg(kind, originals.drawn(64, 48), quality)
    content = originals.told_jpeg(encoded, orientation, tells=False)
    return plan(facts.inspect(memoryview(content)), compression or Compression())


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("4:2:0", Path.STREAM),
        ("grey", Path.STREAM),
        ("4:2:2", Path.QUARTER),
        ("4:4:4", Path.QUARTER),
        ("progressive", Path.REQUANTISE),
        ("cmyk", Path.LIBVIPS),
    ],
)
def test_the_kind_decides(kind, path):
    assert way(kind) == path


def test_colours_keep_their_resolution_at_a_high_quality():
    assert way("4:4:4", Compression(value=90), quality=97) == Path.STREAM


def test_what_is_coarse_already_is_not_decoded():
    assert way("4:2:0", quality=40) == Path.REQUANTISE


def test_what_lies_on_its_side_is_turned():
    assert way("4:2:0", orientation=6) == Path.TURN


def test_a_size_is_searched():
    assert way("4:4:4", FIT) == Path.FIT

"""The colour space is one of a few words, or a name made safe."""

from __future__ import annotations

import struct

import hypothesis
import pytest
import pyvips
from hypothesis import strategies

from processing import colorspace, vips
from tests import metadata_pictures as full
from tests import pictures
from tests.processing.probe import files


def with_profile(profile):
    return vips.opened(full.jpeg(files.segment(0xE2, full.ICC_PREFIX + profile)))


def localized(description):
    """A profile of version 4: its name stands in UTF-16."""
    text = description.encode("utf-16-be")
    name = b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text
    return full.icc()[:132] + struct.pack(">4sII", b"desc", 144, len(name)) + name


@pytest.mark.parametrize(
    ("description", "word"),
    [
        ("sRGB IEC61966-2.1", "srgb"),
        ("c2", "srgb"),
        ("Display P3", "display-p3"),
        ("sP3C", "display-p3"),
        ("Adobe RGB (1998)", "adobe-rgb"),
        ("ProPhoto RGB", "prophoto-rgb"),
        ("ROMM RGB: ISO 22028-2:2013", "prophoto-rgb"),
        ("Rec. ITU-R BT.2020-1", "rec2020"),
        ("Canon <b>EOS</b>\x00\x07 R5", "canon-b-eos-b"),
        ("\u8272", "unknown"),
        ("x" * 200, "x" * 64),
    ],
)
def test_a_profile_is_told_by_its_name(description, word):
    assert colorspace.of(with_profile(full.icc(description.encode("ascii", "replace")))) == word
    assert colorspace.of(with_profile(localized(description))).startswith(word)


@pytest.mark.parametrize(
    ("interpretation", "suffix", "word"),
    [
        ("b-w", ".png", "gray"),
        ("grey16", ".png", "gray"),
        ("cmyk", ".jpg", "cmyk"),
        ("rgb16", ".png", "srgb"),
    ],
)
def test_without_a_profile_the_pixels_tell(interpretation, suffix, word):
    picture = pyvips.Image.new_from_buffer(pictures.png(), "").colourspace(interpretation)

    assert colorspace.of(vips.opened(picture.write_to_buffer(suffix, keep="none"))) == word


def test_a_camera_says_adobe_rgb_without_a_profile():
    image = vips.opened(pictures.jpeg()).copy()
    image.set_type(
        pyvips.GValue.gstr_type, "exif-ifd4-InteroperabilityIndex", "R03 (R03, ASCII, 4 components, 4 bytes)"
    )

    assert colorspace.of(image) == "adobe-rgb"


@hypothesis.given(
    strategies.builds(
        lambda profile, at, garbage: profile[:at] + garbage + profile[at + len(garbage) :],
        strategies.sampled_from([full.icc(), localized("Display P3")]),
        strategies.integers(0, 200),
        strategies.binary(max_size=40),
    )
)
def test_a_profile_that_makes_no_sense_still_has_a_word(profile):
    assert colorspace._word(colorspace._description(profile))

"""A colour profile stays where its colours are not sRGB's, whatever it is called."""

from __future__ import annotations

import pytest
import pyvips

from models.values import MetadataPolicy
from processing.codec.jpeg import profile
from tests import metadata_pictures as full
from tests.processing.codec import originals
from tests.processing.probe import files


def piece(icc):
    return b"ICC_PROFILE\0\1\1" + icc


@pytest.fixture
def srgb():
    return bytes(pyvips.Operation.call("profile_load", "srgb"))


@pytest.fixture
def wide():
    return bytes(pyvips.Operation.call("profile_load", "p3"))


def test_srgb_is_left_out(srgb):
    assert profile.carried([piece(srgb)], 3) == ()


def test_wider_colours_stay(wide):
    assert profile.carried([piece(wide)], 3) == (piece(wide),)


def test_wider_colours_that_are_called_srgb_stay(wide):
    named = wide.replace("P3".encode("utf-16-be"), "sR".encode("utf-16-be"))

    assert profile.carried([piece(named)], 3)


@pytest.mark.parametrize("icc", [b"", b"nothing", full.icc(), bytes(200)])
def test_a_profile_without_colours_is_left_out(icc):
    assert profile.carried([piece(icc)], 3) == ()


def test_a_profile_of_other_colours_than_the_pictures_is_left_out(wide):
    assert profile.carried([piece(wide)], 1) == ()


def test_a_picture_keeps_its_wide_colours(child, wide):
    encoded = originals.jpeg("4:2:0", originals.drawn(64, 48), 90)
    content = encoded[:2] + files.segment(0xE2, piece(wide)) + encoded[2:]

    made = child.compress(content, policy=MetadataPolicy.STRIP_ALL)

    assert bytes(pyvips.Image.new_from_buffer(made.content, "").get("icc-profile-data")) == wide

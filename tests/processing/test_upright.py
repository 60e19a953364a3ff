"""Everything derived is upright exactly once, whichever way and in whichever format the original says how it lies."""

from __future__ import annotations

import pytest
import pyvips

from models.values import MetadataPolicy
from processing.develop import Original, decode, develop
from processing.metadata import read
from tests import metadata_pictures as full
from tests.processing.probe import files

RED, GREEN, BLUE, WHITE = [250, 20, 20], [20, 200, 20], [20, 20, 250], [250, 250, 250]
LYING = {
    1: lambda upright: upright,
    2: lambda upright: upright.fliphor(),
    3: lambda upright: upright.rot180(),
    4: lambda upright: upright.flipver(),
    5: lambda upright: upright.rot90().fliphor(),
    6: lambda upright: upright.rot270(),
    7: lambda upright: upright.rot270().fliphor(),
    8: lambda upright: upright.rot90(),
}
"""How the pixels of an upright picture are stored for each orientation."""


def quarters(width_px=60, height_px=40):
    """Red, green, blue and white: no turn or flip looks like another."""
    tiles = [
        (pyvips.Image.black(width_px // 2, height_px // 2, bands=3) + colour).cast("uchar")
        for colour in (RED, GREEN, BLUE, WHITE)
    ]
    return pyvips.Image.arrayjoin(tiles, across=2).copy(interpretation="srgb")


def lying(orientation):
    return LYING[orientation](quarters())


def jpeg(orientation):
    encoded = lying(orientation).write_to_buffer(".jpg", keep="none", Q=95)
    return encoded[:2] + full.exif_segment(full.exif(orientation=orientation)) + encoded[2:]


def png(orientation):
    encoded = lying(orientation).write_to_buffer(".png", keep="none")
    return files.png_with(encoded, files.chunk(b"eXIf", full.exif(orientation=orientation)))


def webp(orientation):
    stored = lying(orientation)
    coded = stored.write_to_buffer(".webp", keep="none", Q=95)[12:]
    return files.riff(
        files.canvas(stored.width, stored.height, flags=0x08),
        coded,
        files.riff_chunk(b"EXIF", full.exif(orientation=orientation)),
    )


def avif(orientation):
    """Turned by `irot` and `imir`, and EXIF says so too: a reader that heeds both turns twice."""
    stored = lying(orientation)
    stored = stored.copy()
    stored.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    encoded = stored.write_to_buffer(".avif", effort=0, Q=90)
    assert (b"irot" in encoded or b"imir" in encoded) == (orientation > 1)
    return encoded


def animation(orientation):
    """Two frames, the second with its colours exchanged."""
    frames = [LYING[orientation](frame) for frame in (quarters(), quarters().invert())]
    film = pyvips.Image.arrayjoin(frames, across=1).copy()
    for field, value in (("page-height", frames[0].height), ("orientation", orientation), ("loop", 0)):
        film.set_type(pyvips.GValue.gint_type, field, value)
    film.set_type(pyvips.GValue.array_int_type, "delay", [70, 130])
    return film.write_to_buffer(".webp", Q=95)


def corners(image, top=0):
    places = [(10, 10), (50, 10), (10, 30), (50, 30)]
    return [image.getpoint(left, top + down)[:3] for left, down in places]


def loaded(content, media_type, policy, frame_count=1):
    probed = files.probe(content)
    assert (probed.width_px, probed.height_px) == (60, 40)
    decoded = decode(content, Original(media_type, 60, 40, frame_count))
    preset = develop(decoded, policy).presets[0]
    assert (preset.width_px, preset.height_px) == (60, 40)
    return pyvips.Image.new_from_buffer(preset.content, "n=-1")


def is_upright(image):
    said = image.get("orientation") if image.get_typeof("orientation") else 1
    seen = [value for corner in corners(image) for value in corner]
    return said == 1 and seen == pytest.approx([*RED, *GREEN, *BLUE, *WHITE], abs=25)


@pytest.mark.parametrize("policy", MetadataPolicy)
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("made", "media_type"),
    [(jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp"), (avif, "image/avif")],
    ids=["JPEG", "PNG", "WebP", "AVIF"],
)
def test_i3_a_picture_comes_out_upright_once(made, media_type, orientation, policy):
    assert is_upright(loaded(made(orientation), media_type, policy))


@pytest.mark.parametrize("policy", MetadataPolicy)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_i3_each_frame_of_an_animation_comes_out_upright_once(orientation, policy):
    film = loaded(animation(orientation), "image/webp", policy, frame_count=2)

    assert is_upright(film)
    assert (film.get("n-pages"), film.get("delay")) == (2, [70, 130])
    inverted = [255 - value for corner in corners(film, top=40) for value in corner]
    assert inverted == pytest.approx([*RED, *GREEN, *BLUE, *WHITE], abs=25)


def test_i3_what_exif_alone_says_does_not_turn_an_avif():
    content = avif(1)
    upright, lying_down = b"\x12\x01\x03\x00\x01\x00\x00\x00\x01", b"\x12\x01\x03\x00\x01\x00\x00\x00\x06"
    assert content.count(upright) == 1

    assert is_upright(loaded(content.replace(upright, lying_down), "image/avif", MetadataPolicy.KEEP))


@pytest.mark.parametrize("made", [jpeg, png, webp])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_details_tell_how_the_original_lies(made, orientation):
    assert read(made(orientation), 1, MetadataPolicy.STRIP_ALL).details.orientation == orientation


@pytest.mark.parametrize("nonsense", [0, 9, 255])
def test_i3_an_orientation_that_does_not_exist_turns_nothing(nonsense):
    encoded = quarters().write_to_buffer(".jpg", keep="none", Q=95)
    content = encoded[:2] + full.exif_segment(full.exif(orientation=nonsense)) + encoded[2:]

    assert is_upright(loaded(content, "image/jpeg", MetadataPolicy.KEEP))
    assert read(content, 1, MetadataPolicy.KEEP).details.orientation is None

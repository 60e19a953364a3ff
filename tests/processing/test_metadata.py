"""What a derived picture may say, by policy, whatever the original says and wherever it says it."""

from __future__ import annotations

import re
from pathlib import Path

import hypothesis
import pytest
import pyvips
from hypothesis import strategies

from models.values import MetadataPolicy
from processing import metadata
from processing.develop import Original, decode, develop
from tests import metadata_pictures as full
from tests import pictures
from tests.processing.probe import files

FULL = {
    "image/jpeg": full.full_jpeg,
    "image/png": full.full_png,
    "image/webp": full.full_webp,
    "image/gif": full.full_gif,
    "image/avif": full.full_avif,
}
WITH_EXIF = sorted(FULL.keys() - {"image/gif"})
EVERYWHERE = [*full.PLACES, full.MARKER, b"52,31.25N", b"+05:45"]
CAMERA = {
    "Make": "Kamera & Co (Test)",
    "Model": "K-1000",
    "DateTimeOriginal": "2024:05:17 14:03:22",
    "SubSecTimeOriginal": "25",
    "ExposureTime": "1/125",
    "ISOSpeedRatings": "400",
    "LensModel": "50mm (f/1.8)",
}
OF_PLACES = {
    *("Artist", "BodySerialNumber", "GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef"),
    *("GPSProcessingMethod", "ImageDescription", "MakerNote", "OffsetTimeOriginal", "UserComment", "XMP"),
}


def derived(content, media_type, policy):
    """Every derived byte, and every other format that variants may come in."""
    decoded = decode(content, Original(media_type, 64, 48, 1))
    presets = [preset.content for preset in develop(decoded, policy).presets]
    others = [metadata.encoded(decoded.image, suffix, policy) for suffix in (".jpg", ".png")]
    return [*presets, *others, metadata.encoded(decoded.image, ".avif", policy, effort=0)]


def tags(content):
    """EXIF as libvips shows it, without the tags that describe the file."""
    image = pyvips.Image.new_from_buffer(content, "")
    shown = (field for field in image.get_fields() if field.startswith("exif-ifd"))
    return {field[10:]: image.get(field) for field in shown if field[10:] not in metadata._TAGS_OF_THE_FILE}


@pytest.mark.parametrize("media_type", FULL)
def test_the_test_pictures_say_what_the_tests_look_for(media_type):
    content = FULL[media_type]()

    assert files.probe(content).media_type == media_type
    assert full.MARKER in content
    assert b"52,31.25N" in content


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("media_type", FULL)
def test_under_strip_all_nothing_is_told(media_type, order):
    content = FULL[media_type](order=order) if media_type in WITH_EXIF else full.full_gif()

    for made in derived(content, media_type, MetadataPolicy.STRIP_ALL):
        assert not [said for said in [*EVERYWHERE, full.MAKE, full.MODEL, full.TAKEN] if said in made]
        assert not [carrier for carrier in (b"EXIF", b"Exif", b"XMP", b"ICC", b"8BIM") if carrier in made]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("media_type", WITH_EXIF)
def test_under_strip_gps_camera_and_time_are_told_and_no_place(media_type, order):
    content = FULL[media_type](order=order)

    for made in derived(content, media_type, MetadataPolicy.STRIP_GPS):
        assert not [said for said in EVERYWHERE if said in made]
        shown = tags(made)
        assert shown.keys() == CAMERA.keys()
        assert all(shown[tag].startswith(f"{value} (") for tag, value in CAMERA.items())
        assert b"XMP" not in made


@pytest.mark.parametrize("media_type", WITH_EXIF)
def test_i2_under_keep_exif_and_xmp_stay_and_the_thumbnail_goes(media_type):
    content = FULL[media_type](orientation=6)

    for made in derived(content, media_type, MetadataPolicy.KEEP):
        image = pyvips.Image.new_from_buffer(made, "")
        assert image.get("exif-ifd3-GPSLatitude").startswith("52/1 31/1 15/1 ")
        assert b"52,31.25N" in image.get("xmp-data")
        assert {"iptc-data", "icc-profile-data", "jpeg-thumbnail-data"}.isdisjoint(image.get_fields())


@pytest.mark.parametrize("media_type", WITH_EXIF)
def test_what_is_kept_says_that_the_picture_is_upright(media_type):
    content = FULL[media_type](orientation=6)

    for made in derived(content, media_type, MetadataPolicy.KEEP):
        image = pyvips.Image.new_from_buffer(made, "")
        assert not image.get_typeof("orientation") or image.get("orientation") == 1
        assert b'tiff:Orientation="1"' in image.get("xmp-data")


def test_derived_bytes_are_made_in_one_place():
    saves = re.compile(r"\b(write_to_(buffer|target|file)|\w+save(_buffer|_target)?)\(")
    root = Path(metadata.__file__).parent.parent
    rooms = [path for room in ("processing", "delivery", "resolvers") for path in (root / room).rglob("*.py")]

    assert [path.name for path in rooms if saves.search(path.read_text())] == ["metadata.py"]


def test_a_picture_without_metadata_gets_none_under_any_policy():
    for policy in MetadataPolicy:
        assert b"EXIF" not in derived(pictures.png(), "image/png", policy)[0]


@pytest.mark.parametrize("tag", [0x829A, 0x829D, 0x9202, 0x9003, 0x9291])
def test_a_place_in_a_tag_that_has_no_room_for_one_goes(tag):
    content = full.jpeg(full.exif_segment(full.exif(gps=False, shot={tag: full.LATITUDE})))
    text = full.jpeg(full.exif_segment(full.exif(gps=False, shot={tag: "52.5208 North"})))

    for picture, place in ((content, full.PLACES[0]), (text, b"52.5208")):
        for made in derived(picture, "image/jpeg", MetadataPolicy.STRIP_GPS):
            assert place not in made


def test_text_behind_a_tags_end_goes():
    block = full.exif(shot={0xA434: "Lens\0" + full.MARKER.decode()})

    for made in derived(full.jpeg(full.exif_segment(block)), "image/jpeg", MetadataPolicy.STRIP_GPS):
        assert full.MARKER not in made


@pytest.mark.parametrize("media_type", FULL)
def test_the_report_names_what_went(media_type):
    carriers = {
        "image/jpeg": {"APP5", "Comment", "ExtendedXMP", "ICCProfile", "IPTC", "Thumbnail"},
        "image/png": {"Author", "Comment"},
        "image/webp": {"ICCProfile"},
        "image/gif": {"Comment", "XMP"},
        "image/avif": {"Thumbnail"},
    }[media_type]
    content = FULL[media_type]()
    reports = {policy: metadata.read(content, 1, policy).privacy for policy in MetadataPolicy}

    assert all(report.had_gps for report in reports.values())
    lost = {policy: set(report.removed_tags) for policy, report in reports.items()}
    if media_type == "image/gif":
        assert lost == dict.fromkeys(MetadataPolicy, carriers)
    else:
        assert lost["STRIP_ALL"] == carriers | OF_PLACES | CAMERA.keys()
        assert lost["STRIP_GPS"] == carriers | OF_PLACES
        assert lost["KEEP"] == carriers


@pytest.mark.parametrize(
    "content",
    [
        full.jpeg(full.exif_segment(full.exif())),
        full.jpeg(files.segment(0xE1, full.XMP_PREFIX + full.xmp())),
        full.jpeg(*full.extended_xmp_segments()),
        full.jpeg(
            full.exif_segment(full.exif(gps=False, thumbnail=full.jpeg(full.exif_segment(full.exif()))))
        ),
        full.full_gif(),
    ],
    ids=["EXIF", "XMP", "extended XMP", "the thumbnail's EXIF", "XMP in a GIF"],
)
def test_a_place_is_found_wherever_it_stands(content):
    assert metadata.read(content, 1, MetadataPolicy.STRIP_ALL).privacy.had_gps


@pytest.mark.parametrize(
    "content",
    [
        pictures.jpeg(),
        full.jpeg(full.exif_segment(full.exif(gps=False))),
        full.jpeg(files.segment(0xE1, full.XMP_PREFIX + full.xmp().replace(b"GPSLatitude", b"GPSVersionID"))),
    ],
    ids=["nothing", "EXIF without GPS", "a version alone"],
)
def test_no_place_is_made_up(content):
    assert not metadata.read(content, 1, MetadataPolicy.STRIP_ALL).privacy.had_gps


def test_a_plain_picture_loses_nothing():
    assert metadata.read(pictures.jpeg(orientation=6), 1, MetadataPolicy.STRIP_ALL).privacy.removed_tags == []


def test_the_report_is_bounded_and_safe_to_show():
    comments = [files.chunk(b"tEXt", b"key %03d \x85%s\0x" % (number, b"k" * 60)) for number in range(50)]
    block = full.exif(shot=dict.fromkeys([*range(0x8200, 0x9300), *range(0xA200, 0xA500)], 1))
    content = files.png_with(pictures.png(), files.chunk(b"eXIf", block), *comments)

    report = metadata.read(content, 1, MetadataPolicy.STRIP_ALL).privacy

    assert len(report.removed_tags) == metadata.MAX_REMOVED_TAGS
    assert all(len(name) <= 64 and name.isprintable() for name in report.removed_tags)


def test_comments_may_have_any_name():
    content = files.png_with(
        pictures.png(), files.chunk(b"tEXt", "Gr\u00f6\u00dfe\0".encode("latin-1") + full.MARKER)
    )

    report = metadata.read(content, 1, MetadataPolicy.STRIP_ALL).privacy

    assert report.removed_tags == ["Gr e"]
    for made in derived(content, "image/png", MetadataPolicy.KEEP):
        assert full.MARKER not in made


PNG = pictures.png(16, 12)
BLOCKS = [full.exif(orientation=6, order=order, thumbnail=pictures.jpeg(16, 12)) for order in "<>"]
GARBAGE = strategies.one_of(
    strategies.binary(max_size=400),
    strategies.builds(
        lambda block, end: block[:end], strategies.sampled_from(BLOCKS), strategies.integers(0, 900)
    ),
    strategies.builds(
        lambda block, at, garbage: block[:at] + garbage + block[at + len(garbage) :],
        strategies.sampled_from(BLOCKS),
        strategies.integers(4, 500),
        strategies.one_of(strategies.binary(min_size=1, max_size=12), strategies.just(b"\xff" * 8)),
    ),
)


@hypothesis.given(block=GARBAGE, policy=strategies.sampled_from(MetadataPolicy))
def test_exif_that_makes_no_sense_fails_no_picture(block, policy):
    content = files.png_with(PNG, files.chunk(b"eXIf", block))

    image = decode(content, Original("image/png", 16, 12, 1)).image
    read = metadata.read(content, 1, policy)

    made = metadata.encoded(image, ".webp", policy)
    assert read.details.frame_count == 1
    if policy != MetadataPolicy.KEEP:
        assert not [place for place in full.PLACES if place in made]


@pytest.mark.parametrize("size_bytes", [65_520, 1 << 20, 3 << 20])
@pytest.mark.parametrize("policy", MetadataPolicy)
def test_exif_and_xmp_too_large_to_be_kept_fail_no_picture(size_bytes, policy):
    content = files.riff(
        files.canvas(64, 48, flags=0x0C),
        pictures.webp()[12:],
        files.riff_chunk(b"EXIF", full.exif(shot={0x927C: b"M" * size_bytes})),
        files.riff_chunk(b"XMP ", full.xmp() + b" " * size_bytes),
    )

    assert derived(content, "image/webp", policy)
    assert metadata.read(content, 1, policy).privacy.had_gps

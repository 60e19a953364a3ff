"""What libvips does not show of a file is found all the same, and nothing in broken bytes fails."""

from __future__ import annotations

import hypothesis
from hypothesis import strategies

from processing import carriers
from tests import metadata_pictures as full
from tests import pictures
from tests.processing.probe import files


def names(content):
    return [name for name, _ in carriers.found(content)]


def test_segments_of_a_jpeg_are_named():
    content = full.jpeg(
        files.segment(0xE0, b"JFIF\0"),
        files.segment(0xE2, b"MPF\0II*\0"),
        files.segment(0xE2, b"Other"),
        files.segment(0xEB, b"JP"),
        b"\xff\xff" + files.segment(0xFE, b"comment"),
        files.segment(0xEE, b"Adobe"),
    )

    assert names(content) == ["MultiPicture", "APP2", "C2PA", "Comment"]


def test_extended_xmp_comes_without_the_headers_of_its_parts():
    found = list(carriers.found(full.jpeg(*full.extended_xmp_segments())))

    assert b"".join(said for name, said in found if name == carriers.EXTENDED_XMP) == full.xmp()


def test_extensions_of_a_gif_are_named():
    assert names(full.full_gif()) == ["Comment", "XMP"]
    assert names(pictures.animated_gif()) == []


def test_of_other_formats_libvips_shows_all():
    assert names(full.full_png()) == names(full.full_webp()) == names(full.full_avif()) == []


def test_a_file_in_endless_pieces_is_not_read_to_its_end():
    content = full.jpeg(*[files.segment(0xFE)] * 50_000)

    assert len(names(content)) == carriers.MAX_PIECES


@hypothesis.given(strategies.sampled_from([full.full_jpeg(), full.full_gif()]), strategies.data())
def test_broken_bytes_end_the_search(content, data):
    end = data.draw(strategies.integers(2, len(content)))
    at = data.draw(strategies.integers(2, end))
    garbage = data.draw(strategies.binary(max_size=20))

    assert len(names(content[:at] + garbage + content[at:end])) < 1000

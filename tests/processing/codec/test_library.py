"""Which library JPEGs go through: the one inside Pillow's wheel where it does what it should, libvips everywhere else."""

from __future__ import annotations

from models.values import Compression, MetadataPolicy
from processing.codec import compress
from processing.codec.base import Wish
from processing.codec.jpeg import library
from processing.probe import Limits
from tests import pictures


def test_a_child_goes_through_libjpeg(child):
    child.compress(pictures.jpeg())

    assert child.library.startswith("libjpeg-turbo ")


def test_without_the_library_there_is_libvips(monkeypatch):
    monkeypatch.setattr(library, "path", lambda: None)

    assert compress.prepare().startswith("libvips ")


def test_a_process_that_has_not_prepared_itself_is_in_no_danger(monkeypatch):
    monkeypatch.setattr(compress._libraries, "has_libjpeg", False)
    made = compress.compress(
        memoryview(pictures.jpeg()), Wish(Compression(), MetadataPolicy.STRIP_ALL), Limits(1_000_000, 1)
    )

    assert made.media_type == "image/jpeg"

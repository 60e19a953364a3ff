import gzip

import pytest

import errors
from tests.processing.probe import files

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FOREIGN = [
    (SVG, "image/svg+xml"),
    (b"\xef\xbb\xbf  \n" + SVG, "image/svg+xml"),
    (b'<?xml version="1.0"?><!-- a comment --><!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "image/svg+xml"),
    (b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    (SVG.decode().encode("utf-16"), "image/svg+xml"),
    (SVG.decode().encode("utf-16-be"), "image/svg+xml"),
    (gzip.compress(SVG, mtime=0), "application/gzip"),
    (b"<?xml version='1.0'?><rss/>", "application/xml"),
    (b"<!DOCTYPE html><title>x</title>" + SVG, "text/html"),
    (b"\n<HTML><body>", "text/html"),
    (b"<script>alert(1)</script>", "text/html"),
    (files.brands(b"heic", b"mif1", b"heic"), "image/heic"),
    (files.brands(b"mif1", b"heic"), "image/heic"),
    (files.brands(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    (files.brands(b"qt  "), "video/quicktime"),
    (b"II*\0" + bytes(20), "image/tiff"),
    (b"MM\0*" + bytes(20), "image/tiff"),
    (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", "image/bmp"),
    (b"\0\0\1\0\1\0", "image/x-icon"),
    (b"\xff\x0a" + bytes(20), "image/jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"%PDF-1.7\n", "application/pdf"),
    (b"%!PS-Adobe-3.0", "application/postscript"),
    (b"PK\x03\x04" + bytes(30), "application/zip"),
    (b"just words, BM or not", None),
    (b"push graphic-context\nviewbox 0 0 9 9\n", None),
    (b"GIF90a" + bytes(30), None),
    (b"RIFF\4\0\0\0WAVE", None),
    (b"\x89PNG\n\x1a\n" + bytes(30), None),
    (files.brands(b"xxxx"), None),
    (b"\0\0\0\0ftyp", None),
    (b"\xff\xd8", None),
    (b"\0", None),
]


@pytest.mark.parametrize(("data", "name"), FOREIGN)
def test_f16_i8_what_does_not_come_in_is_refused_by_its_name_where_it_has_one(data, name):
    with pytest.raises(errors.UserError) as refusal:
        files.probe(data)
    assert type(refusal.value) is errors.UnsupportedFormatError
    assert refusal.value.detected_media_type == name


@pytest.mark.parametrize(("data", "name"), FOREIGN)
def test_a_foreign_file_fed_byte_by_byte_is_refused_by_the_same_name(data, name):
    with pytest.raises(errors.UnsupportedFormatError) as refusal:
        files.probe_pieces(bytes([byte]) for byte in data)
    assert refusal.value.detected_media_type == name

"""Pictures that say where, by whom and with what they were taken, in every place where a format has room for it."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import pyvips

from tests import pictures
from tests.processing.probe import files

MARKER: Final = b"Zq7Marker"
"""Stands in every carrier; in EXIF wherever a text may stand but in the camera's and the lens's name."""
MAKE, MODEL, LENS = b"Kamera & Co (Test)", b"K-1000", b"50mm (f/1.8)"
TAKEN: Final = b"2024:05:17 14:03:22"
XMP_PREFIX, EXTENDED_PREFIX = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC_PREFIX: Final = b"ICC_PROFILE\0\1\1"

LATITUDE, LONGITUDE = (52, 1, 31, 1, 15, 1), (13, 1, 24, 1, 34, 1)
PLACES: Final = tuple(
    struct.pack(f"{order}{len(numbers)}I", *numbers) for numbers in (LATITUDE, LONGITUDE) for order in "<>"
)
"""How the place stands in EXIF, in both byte orders."""

Value = int | str | bytes | tuple[int, ...]


def exif(
    *, orientation: int = 1, order: str = "<", gps: bool = True, thumbnail: bytes = b"", **more: Any
) -> bytes:
    """An EXIF block, without its prefix, as a camera writes it, and a private tag.

    Args:
        orientation: 1 to 8.
        order: `<` little-endian, `>` big-endian.
        gps: Whether it has a place.
        thumbnail: A JPEG.
        more: `first` and `shot` have tags for the two directories; they replace those that are there.
    """
    shot: dict[int, Value] = {
        0x829A: (1, 125),
        0x8827: 400,
        0x9003: TAKEN.decode(),
        0x9011: "+05:45",
        0x9291: "25",
        0x927C: b"MakerNote " + MARKER,
        0x9286: b"ASCII\0\0\0" + MARKER,
        0xA431: "Serial " + MARKER.decode(),
        0xA434: LENS.decode(),
    } | more.get("shot", {})
    place: dict[int, Value] = {1: "N", 2: LATITUDE, 3: "E", 4: LONGITUDE, 0x1B: b"ASCII\0\0\0" + MARKER}
    first: dict[int, Value] = {
        0x010E: "At " + MARKER.decode(),
        0x010F: MAKE.decode(),
        0x0110: MODEL.decode(),
        0x0112: orientation,
        0x013B: "By " + MARKER.decode(),
        0xC7A1: "Private " + MARKER.decode(),
    } | more.get("first", {})
    return _tiff(order, first, {0x8769: shot} | ({0x8825: place} if gps else {}), thumbnail)


def _tiff(
    order: str, first: dict[int, Value], directories: dict[int, dict[int, Value]], thumbnail: bytes
) -> bytes:
    """The first directory refers to the others, whose offsets depend on its length alone."""
    pointers: dict[int, Value] = dict.fromkeys(directories, bytes(4))
    length = 8 + len(_directory(order, first | pointers, 8))
    behind = b""
    for tag, entries in directories.items():
        pointers[tag] = _long(order, length + len(behind))
        behind += _directory(order, entries, length + len(behind))
    following = length + len(behind) if thumbnail else 0
    if thumbnail:
        begin = following + 2 + 3 * 12 + 4
        preview: dict[int, Value] = {
            0x0103: 6,
            0x0201: _long(order, begin),
            0x0202: _long(order, len(thumbnail)),
        }
        behind += _directory(order, preview, following) + thumbnail
    header = {"<": b"II*\0", ">": b"MM\0*"}[order] + _long(order, 8)
    return header + _directory(order, first | pointers, 8, following) + behind


class _Long(bytes):
    """Four bytes that are a number."""


def _long(order: str, number: int) -> bytes:
    return _Long(struct.pack(f"{order}I", number))


def _directory(order: str, entries: dict[int, Value], at: int, following: int = 0) -> bytes:
    """A directory at `at`, and behind it the values that do not fit into an entry."""
    behind_at = at + 2 + 12 * len(entries) + 4
    rows, behind = b"", b""
    for tag, value in sorted(entries.items()):
        kind, count, content = _value(order, tag, value)
        if len(content) > 4:
            place = _long(order, behind_at + len(behind))
            behind += content + bytes(len(content) % 2)
        else:
            place = content.ljust(4, b"\0")
        rows += struct.pack(f"{order}HHI", tag, kind, count) + place
    return struct.pack(f"{order}H", len(entries)) + rows + _long(order, following) + behind


def _value(order: str, tag: int, value: Value) -> tuple[int, int, bytes]:
    """TIFF's number for the kind, how many, and the bytes."""
    if isinstance(value, int):
        return 3, 1, struct.pack(f"{order}H", value)
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode("latin-1") + b"\0"
    if isinstance(value, tuple):
        return 5, len(value) // 2, struct.pack(f"{order}{len(value)}I", *value)
    if isinstance(value, _Long) or tag in (0x8769, 0x8825):
        return 4, 1, value
    return 7, len(value), value


def xmp(place: str = "52,31.25N") -> bytes:
    """An XMP packet with a place, a marker, and an orientation that is not upright."""
    return (
        f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        f'exif:GPSLatitude="{place}" tiff:Orientation="6" tiff:Artist="{MARKER.decode()}"/>'
        f'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def iptc() -> bytes:
    """Photoshop's resource of IPTC, with a marker for a city."""
    city = b"\x1c\x02\x5a" + struct.pack(">H", len(MARKER)) + MARKER
    return (
        b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(city)) + city + bytes(len(city) % 2)
    )


def icc(description: bytes = b"Profile of " + MARKER) -> bytes:
    """A colour profile of that name, with nothing else in it."""
    name = b"desc" + bytes(4) + struct.pack(">I", len(description) + 1) + description + b"\0"
    table = struct.pack(">I4sII", 1, b"desc", 144, len(name))
    header = struct.pack(">I", 144 + len(name)).ljust(12, b"\0") + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    return header.ljust(128, b"\0") + table + name


def jpeg(*segments: bytes, width_px: int = 64, height_px: int = 48) -> bytes:
    """A JPEG with these segments, and bytes behind its end."""
    encoded = pictures.jpeg(width_px, height_px)
    return encoded[:2] + b"".join(segments) + encoded[2:] + b"Trailer " + MARKER


def exif_segment(block: bytes) -> bytes:
    return files.segment(0xE1, b"Exif\0\0" + block)


def extended_xmp_segments() -> list[bytes]:
    """XMP too long for one segment; where it is cut, the name of a tag is cut too."""
    packet = xmp()
    cut = packet.index(b"Latitude") + 3
    return [
        files.segment(
            0xE1, EXTENDED_PREFIX + b"0" * 32 + struct.pack(">II", len(packet), offset) + packet[begin:end]
        )
        for offset, begin, end in ((0, 0, cut), (cut, cut, len(packet)))
    ]


def full_jpeg(**exif_fields: Any) -> bytes:
    """A JPEG with everything in it."""
    thumbnail = jpeg(exif_segment(exif()), width_px=16, height_px=12)
    return jpeg(
        exif_segment(exif(**{"thumbnail": thumbnail, **exif_fields})),
        files.segment(0xE1, XMP_PREFIX + xmp()),
        *extended_xmp_segments(),
        files.segment(0xE2, ICC_PREFIX + icc()),
        files.segment(0xE5, b"Ours\0" + MARKER),
        files.segment(0xED, iptc()),
        files.segment(0xFE, MARKER),
    )


def full_png(**exif_fields: Any) -> bytes:
    """A PNG with everything in it."""
    return (
        files.png_with(
            pictures.png(),
            files.chunk(b"iCCP", b"By " + MARKER + b"\0\0" + zlib.compress(icc())),
            files.chunk(b"eXIf", exif(**exif_fields)),
            files.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp()),
            files.chunk(b"tEXt", b"Comment\0" + MARKER),
            files.chunk(b"zTXt", b"Author\0\0" + zlib.compress(MARKER)),
        )
        + b"Trailer "
        + MARKER
    )


def full_webp(**exif_fields: Any) -> bytes:
    """A WebP with everything in it."""
    coded = pictures.webp()[12:]
    return (
        files.riff(
            files.canvas(64, 48, flags=0x2C),
            files.riff_chunk(b"ICCP", icc()),
            coded,
            files.riff_chunk(b"EXIF", exif(**exif_fields)),
            files.riff_chunk(b"XMP ", xmp()),
        )
        + b"Trailer "
        + MARKER
    )


def full_gif() -> bytes:
    """A GIF with everything in it."""
    encoded = pictures.gif()
    at = 13 + (3 << (encoded[10] & 7) + 1)
    comment = b"\x21\xfe" + bytes([len(MARKER)]) + MARKER + b"\0"
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    packet = b"\x21\xff\x0bXMP DataXMP" + xmp() + trailer
    return encoded[:at] + comment + packet + encoded[at:] + b"Trailer " + MARKER


def full_avif(**exif_fields: Any) -> bytes:
    """An AVIF with everything in it."""
    source = pyvips.Image.new_from_buffer(full_jpeg(**exif_fields), "")
    source.remove("icc-profile-data")
    return bytes(source.write_to_buffer(".avif", effort=0)) + b"\0\0\0\x10free" + MARKER[:8]

"""An original that cannot be made smaller, without what is not to be told of it: its pieces are copied, none is decoded.

What follows its end never comes along. How it lies stays said, since it is not turned.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from models.values import MetadataPolicy
from processing.codec import failures, kept_avif
from processing.codec.jpeg import carried, cutting, facts, segments
from processing.probe import orientation
from processing.probe.orientation import UPRIGHT

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS: Final = frozenset(
    b"tRNS gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)
"""What is needed beside the critical chunks to show a PNG as it was meant."""
_WEBP_CHUNKS: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_GIF_EXTENSION, _GIF_FRAME, _GIF_END = 0x21, 0x2C, 0x3B
_GIF_CONTROL, _GIF_APPLICATION = 0xF9, 0xFF
_GIF_APPLICATIONS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_LOWER_CASE: Final = 0x20


def original(content: memoryview, media_type: str, policy: MetadataPolicy) -> bytes:
    """The same picture with less beside it. Of all formats but JPEG, STRIP_GPS leaves what STRIP_ALL does.

    Raises:
        CompressionError: It is not made as its format says.
    """
    try:
        if media_type == "image/jpeg":
            found = facts.inspect(content)
            return cutting.cut(content, found, carried.along(content, found, policy))
        keeps_all = policy == MetadataPolicy.KEEP
        if media_type == "image/png":
            return _png(content, keeps_all=keeps_all)
        if media_type == "image/webp":
            return _webp(content, keeps_all=keeps_all)
        if media_type == "image/gif":
            return b"".join(_gif(content, keeps_all=keeps_all))
        return kept_avif.original(content, keeps_all=keeps_all)
    except (IndexError, struct.error) as error:
        raise failures.damaged() from error


def _png(content: memoryview, *, keeps_all: bool) -> bytes:
    pieces: list[bytes | memoryview] = [_PNG_START]
    at, name = len(_PNG_START), b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        name, end = bytes(content[at + 4 : at + 8]), at + 12 + length
        if name == b"iCCP" and not keeps_all:
            pieces.append(_png_chunk(name, _nameless(content[at + 8 : end - 4])))
        elif keeps_all or name in _PNG_CHUNKS or not name[0] & _LOWER_CASE:
            pieces.append(content[at:end])
        elif name == b"eXIf":
            pieces.append(_png_chunk(name, _how_it_lies(content[at + 8 : end - 4])))
        at = end
    return b"".join(pieces)


def _nameless(profile: memoryview) -> bytes:
    """A colour profile whose name says nothing."""
    _, _, compressed = bytes(profile).partition(b"\0")
    return b"?\0" + compressed


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        if body
        else b""
    )


def _webp(content: memoryview, *, keeps_all: bool) -> bytes:
    (length,) = struct.unpack_from("<I", content, 4)
    chunks = list(_riff(content[12 : 8 + length]))
    if not keeps_all:
        exif = b"".join(_how_it_lies(body) for name, body in chunks if name == b"EXIF")
        chunks = [(name, body) for name, body in chunks if name in _WEBP_CHUNKS]
        chunks = [(name, _flagged(body, exif) if name == b"VP8X" else body) for name, body in chunks]
        chunks += [(b"EXIF", exif)] if exif else []
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(body)) + bytes(body) + bytes(len(body) % 2) for name, body in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff(content: memoryview) -> Iterator[tuple[bytes, memoryview | bytes]]:
    at = 0
    while at + 8 <= len(content):
        (length,) = struct.unpack_from("<I", content, at + 4)
        yield bytes(content[at : at + 4]), content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _flagged(canvas: memoryview | bytes, exif: bytes) -> bytes:
    """The description of what is in the file, with no XMP in it, and EXIF only if there is some."""
    flags = canvas[0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
    return bytes([flags, *canvas[1:]])


def _gif(content: memoryview, *, keeps_all: bool) -> Iterator[memoryview]:
    at = 13 + _colours_bytes(content[10])
    yield content[:at]
    while (kind := content[at]) in (_GIF_EXTENSION, _GIF_FRAME):
        blocks = at + (11 + _colours_bytes(content[at + 9]) if kind == _GIF_FRAME else 2)
        end = _end_of_blocks(content, blocks)
        if keeps_all or kind == _GIF_FRAME or _is_needed(content, at):
            yield content[at:end]
        at = end
    if kind != _GIF_END:
        raise failures.damaged()
    yield content[at : at + 1]


def _is_needed(content: memoryview, extension: int) -> bool:
    label = content[extension + 1]
    application = bytes(content[extension + 3 : extension + 14])
    return label == _GIF_CONTROL or (label == _GIF_APPLICATION and application in _GIF_APPLICATIONS)


def _colours_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(content: memoryview, at: int) -> int:
    while length := content[at]:
        at += 1 + length
    return at + 1


def _how_it_lies(exif: memoryview | bytes) -> bytes:
    """EXIF that says nothing but that; nothing if the picture is upright."""
    number = orientation.of_exif(bytes(exif).removeprefix(orientation.EXIF_PREFIX))
    return carried.how_it_lies(number).removeprefix(segments.EXIF) if number != UPRIGHT else b""

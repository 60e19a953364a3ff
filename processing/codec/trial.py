"""Whether the libjpeg that is there does what is asked of it, found out by a child that may die of it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image

from models.values import Compression, CompressionMode
from processing.codec.jpeg import facts, huffman, library, making, planes, quantisation
from processing.codec.jpeg.encoder import Coding
from processing.codec.jpeg.facts import QUARTER, Frame
from processing.codec.jpeg.plan import Path, plan

_FRAME: Final = Frame(117, 83, QUARTER)
_QUALITY: Final = 95
_MOST_DIFFERENCE: Final = 12.0
"""On average of all samples; what is read at a wrong place differs by far more."""
_WAYS: Final = (
    (Path.STREAM, Compression()),
    (Path.REQUANTISE, Compression()),
    (Path.QUARTER, Compression()),
    (Path.FIT, Compression(mode=CompressionMode.TARGET_RATIO, value=0.5)),
)


def passes() -> bool:
    """Whether a small picture comes out of every way as it went in. Forks: call it while there is one thread."""
    if library.path() is None:
        return False
    child = os.fork()
    if child == 0:
        try:
            os._exit(not all(_differences_are_small()))
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _differences_are_small() -> Iterator[bool]:
    drawn = _drawn()
    coding = Coding(quantisation.of_quality(_QUALITY), huffman.trained(1))
    content = memoryview(planes.encoded(drawn, _FRAME, coding, ()))
    found = facts.inspect(content)
    yield found.frame == _FRAME and plan(found, Compression()) == Path.STREAM
    for path, compression in _WAYS:
        made = next(making.forms(content, found, path, compression, ()))
        yield len(made) < len(content) and _difference(made, drawn) < _MOST_DIFFERENCE


def _drawn() -> list[planes.Plane]:
    """A slope of light with waves on it, and slopes of colour."""
    down, across = np.mgrid[: _FRAME.height_px, : _FRAME.width_px]
    light = across + 20 * np.sin(down / 3) + 60
    return [
        light.astype(np.uint8),
        *((110 + slope[::2, ::2] / 3).astype(np.uint8) for slope in (down, across)),
    ]


def _difference(made: bytes, drawn: list[planes.Plane]) -> float:
    """As Pillow decodes it."""
    image = Image.open(io.BytesIO(made))
    image.draft("YCbCr", None)
    bands = [np.asarray(band, float) for band in image.convert("YCbCr").split()]
    colours = [band[::2, ::2] for band in bands[1:]]
    return float(
        max(np.abs(band - plane).mean() for band, plane in zip([bands[0], *colours], drawn, strict=True))
    )

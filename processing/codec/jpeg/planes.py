"""A picture through its samples: decoded and encoded again in steps of one row of squares, without any change of colours.

Luma and chroma stay as they are stored, so that nothing is converted; only what has its colours at another resolution
than the result goes through whole lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Transpose

from processing.codec import failures
from processing.codec.jpeg.decoder import Decoder
from processing.codec.jpeg.encoder import Carried, Coding, Encoder
from processing.codec.jpeg.facts import QUARTER, Frame
from processing.codec.jpeg.library import YCC, ffi, opened

Plane: TypeAlias = NDArray[np.uint8]

BLOCK_PX: Final = 8
_LINES: Final = 16
_TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What brings a picture upright that is stored with one of EXIF's orientations."""


class Strip:
    """One row of squares of all planes, in memory that libjpeg reads and writes."""

    def __init__(self, planes: Sequence[Plane]) -> None:
        self._kept: list[Any] = list(planes)
        self.rows = ffi.new("JSAMPARRAY[]", len(planes))
        for number, plane in enumerate(planes):
            begin, width = ffi.cast("JSAMPLE *", ffi.from_buffer(plane)), plane.strides[0]
            lines = ffi.new("JSAMPROW[]", [begin + width * line for line in range(len(plane))])
            self._kept += [begin, lines]
            self.rows[number] = lines


def padded_sizes(frame: Frame) -> list[tuple[int, int]]:
    """Height and width of each plane, filled up to whole squares."""
    across, down = frame.widest
    squares_across, squares_down = (
        -(-frame.width_px // (across * BLOCK_PX)),
        -(-frame.height_px // (down * BLOCK_PX)),
    )
    return [
        (squares_down * vertical * BLOCK_PX, squares_across * horizontal * BLOCK_PX)
        for horizontal, vertical in frame.sampling
    ]


def streamed(content: memoryview, frame: Frame, coding: Coding, carried: Carried) -> bytes:
    """The picture as it is, in memory of a few rows.

    Raises:
        CompressionError: Its data is damaged.
    """
    with Decoder(content) as decoder, Encoder(carried) as encoder:
        decoder.start_planes()
        encoder.start_samples(frame, coding, in_planes=True)
        down = frame.widest[1] * BLOCK_PX
        strip = Strip(
            [
                np.zeros((vertical * BLOCK_PX, width), np.uint8)
                for (_, width), (_, vertical) in zip(padded_sizes(frame), frame.sampling, strict=True)
            ]
        )
        read, write = opened().jpeg_read_raw_data, opened().jpeg_write_raw_data
        for _ in range(0, frame.height_px, down):
            read(decoder.state, strip.rows, down)
            write(encoder.state, strip.rows, down)
        return _ended(decoder, encoder)


def quartered(content: memoryview, frame: Frame, coding: Coding, carried: Carried) -> bytes:
    """The picture with its colours at half the width and half the height, in memory of a few lines.

    Raises:
        CompressionError: Its data is damaged.
    """
    with Decoder(content) as decoder, Encoder(carried) as encoder:
        decoder.start_lines(YCC)
        encoder.start_samples(Frame(frame.width_px, frame.height_px, QUARTER), coding, in_planes=False)
        lines = np.empty((_LINES, frame.width_px * len(QUARTER)), np.uint8)
        strip = Strip([lines])
        done = 0
        while done < frame.height_px:
            count = opened().jpeg_read_scanlines(decoder.state, strip.rows[0], _LINES)
            opened().jpeg_write_scanlines(encoder.state, strip.rows[0], count)
            done += count
        return _ended(decoder, encoder)


def decoded(content: memoryview, frame: Frame) -> list[Plane]:
    """All planes, each without what fills it up to whole squares.

    Raises:
        CompressionError: Its data is damaged.
    """
    planes = [np.zeros(size, np.uint8) for size in padded_sizes(frame)]
    with Decoder(content) as decoder:
        decoder.start_planes()
        for strip in _strips(planes, frame):
            opened().jpeg_read_raw_data(decoder.state, strip.rows, frame.widest[1] * BLOCK_PX)
        decoder.finish()
        if not decoder.is_sound:
            raise failures.damaged()
    across, down = frame.widest
    return [
        plane[: -(-frame.height_px * vertical // down), : -(-frame.width_px * horizontal // across)]
        for plane, (horizontal, vertical) in zip(planes, frame.sampling, strict=True)
    ]


def upright(planes: Sequence[Plane], orientation: int) -> list[Plane]:
    """The planes of a picture that is stored with this orientation, 2 to 8, turned as it is shown."""
    return [
        np.asarray(Image.fromarray(np.ascontiguousarray(plane)).transpose(_TURNS[orientation]))
        for plane in planes
    ]


def encoded(planes: Sequence[Plane], frame: Frame, coding: Coding, carried: Carried) -> bytes:
    """A picture of these planes, which have no filling."""
    filled = [
        np.pad(plane, ((0, height - plane.shape[0]), (0, width - plane.shape[1])), mode="edge")
        for plane, (height, width) in zip(planes, padded_sizes(frame), strict=True)
    ]
    with Encoder(carried) as encoder:
        encoder.start_samples(frame, coding, in_planes=True)
        for strip in _strips(filled, frame):
            opened().jpeg_write_raw_data(encoder.state, strip.rows, frame.widest[1] * BLOCK_PX)
        return encoder.finished()


def _strips(planes: Sequence[Plane], frame: Frame) -> list[Strip]:
    """The planes, cut into rows of squares."""
    heights = [vertical * BLOCK_PX for _, vertical in frame.sampling]
    return [
        Strip(
            [plane[row * height : (row + 1) * height] for plane, height in zip(planes, heights, strict=True)]
        )
        for row in range(planes[0].shape[0] // heights[0])
    ]


def _ended(decoder: Decoder, encoder: Encoder) -> bytes:
    content = encoder.finished()
    decoder.finish()
    if not decoder.is_sound:
        raise failures.damaged()
    return content

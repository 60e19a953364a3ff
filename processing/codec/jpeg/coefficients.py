"""A picture as the quantised coefficients that its file holds, in libjpeg's own memory: what is changed is written so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from processing.codec import failures
from processing.codec.jpeg.decoder import Decoder
from processing.codec.jpeg.encoder import Carried, Coding, Encoder
from processing.codec.jpeg.library import ffi
from processing.codec.jpeg.quantisation import COEFFICIENTS, Table, Tables

Blocks: TypeAlias = NDArray[np.int16]
"""Rows of blocks, each of 64 coefficients in natural order."""

BLOCK_BYTES: Final = COEFFICIENTS * 2
_BAND_BYTES: Final = 160 << 10
"""What is worked on together stays in the processor's cache."""
_MOST_FILLING_BYTES: Final = 3 * BLOCK_BYTES
"""What libjpeg adds to a row to fill its last square."""


class Coefficients(Decoder):
    """Open for the length of a block, after which no array may be used. `bands` are those of each component."""

    def __init__(self, content: memoryview) -> None:
        super().__init__(content)
        self._handle: Any = self._library.jpeg_read_coefficients(self.state)
        arrays = ffi.cast("void **", self._handle)
        self.bands = [
            list(_bands(list(self._rows(component, arrays[number])), component.width_in_blocks))
            for number, component in enumerate(self.components)
        ]

    def __enter__(self) -> Self:
        """Refuses a picture whose data is damaged.

        Raises:
            CompressionError: It is.
        """
        if not self.is_sound:
            super().__exit__(None, None, None)
            raise failures.damaged()
        return self

    def quantise(self, steps: Sequence[Table], tables: Tables) -> None:
        """Rounds what was kept in `steps` to the steps of `tables`, of luma and of all others."""
        for number, bands in enumerate(self.bands):
            ratios = (steps[number] / tables[min(number, 1)]).astype(np.float32)
            if (ratios != 1).any():
                _scale(bands, ratios)

    def written(self, coding: Coding, carried: Carried) -> bytes:
        """The picture as its coefficients now are; `coding.tables` are the steps that they count."""
        with Encoder(carried) as encoder:
            encoder.write_coefficients(self, self._handle, coding)
            return encoder.finished()

    @property
    def components(self) -> list[Any]:
        """libjpeg's, of which each has bands."""
        return [self.state.comp_info[number] for number in range(self.state.num_components)]

    def _rows(self, component: Any, array: Any) -> Iterator[int]:
        """The addresses of all rows of blocks; libjpeg shows so many at a time as there are in a square."""
        height, together = component.height_in_blocks, component.v_samp_factor
        for first in range(0, height, together):
            count = min(together, height - first)
            rows = self.state.mem.access_virt_barray(self.state, array, first, count, 1)
            yield from (int(ffi.cast("uintptr_t", rows[number])) for number in range(count))


def _bands(rows: Sequence[int], width: int) -> Iterator[Blocks]:
    """The rows as arrays; those that lie behind one another in even distances become one, up to a size."""
    row_bytes = width * BLOCK_BYTES
    most = max(1, _BAND_BYTES // row_bytes)
    first = 0
    while first < len(rows):
        stride = rows[first + 1] - rows[first] if first + 1 < len(rows) else row_bytes
        count = 1
        if row_bytes <= stride <= row_bytes + _MOST_FILLING_BYTES:
            while count < most and rows[first + count : first + count + 1] == [rows[first] + count * stride]:
                count += 1
        yield _array(rows[first], count, stride if count > 1 else row_bytes, width)
        first += count


def _array(address: int, count: int, stride: int, width: int) -> Blocks:
    memory = ffi.buffer(ffi.cast("char *", address), (count - 1) * stride + width * BLOCK_BYTES)
    return np.ndarray((count, width, COEFFICIENTS), np.int16, memory, strides=(stride, BLOCK_BYTES, 2))


def _scale(bands: Sequence[Blocks], ratios: NDArray[np.float32]) -> None:
    """Band by band and row by row, which is the fastest way that numpy has."""
    width = bands[0].shape[1]
    in_a_row = np.tile(ratios, width)
    scaled = np.empty((max(map(len, bands)), width * COEFFICIENTS), np.float32)
    for band in bands:
        rows, part = band.reshape(len(band), -1), scaled[: len(band)]
        np.copyto(part, rows)
        np.multiply(part, in_a_row, out=part)
        np.rint(part, out=part)
        np.copyto(rows, part, casting="unsafe")

"""Writing a JPEG with libjpeg: how coarse, with which codes, and what stands before the picture."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from processing.codec.jpeg.declarations import ABI_VERSION
from processing.codec.jpeg.decoder import Decoder
from processing.codec.jpeg.facts import Frame
from processing.codec.jpeg.huffman import Code, Codes
from processing.codec.jpeg.library import GREY, YCC, c_library, error_manager, ffi, opened
from processing.codec.jpeg.quantisation import Tables

Carried = tuple[tuple[int, bytes], ...]
"""Segments that go before the picture: marker and body."""


@dataclass(frozen=True)
class Coding:
    """How coefficients become bytes: in steps of `tables`, with `codes`, or with the picture's own where that is None.

    `is_progressive` needs its own.
    """

    tables: Tables
    codes: Codes | None = None
    is_progressive: bool = False


class Encoder:
    """One JPEG, into memory; open for the length of a block."""

    def __init__(self, carried: Carried) -> None:
        self._library, self._errors, self._carried = opened(), error_manager(), carried
        self._bytes, self._length = ffi.new("unsigned char **"), ffi.new("unsigned long *")
        self.state: Any = ffi.new("struct jpeg_compress_struct *")
        self.state.err = self._errors
        self._library.jpeg_CreateCompress(self.state, ABI_VERSION, ffi.sizeof("struct jpeg_compress_struct"))
        self._library.jpeg_mem_dest(self.state, self._bytes, self._length)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.jpeg_destroy_compress(self.state)

    def start_samples(self, frame: Frame, coding: Coding, *, in_planes: bool) -> None:
        """From now on samples are written: rows of planes as they will be stored, or whole lines."""
        state, components = self.state, len(frame.sampling)
        state.image_width, state.image_height, state.input_components = (
            frame.width_px,
            frame.height_px,
            components,
        )
        state.in_color_space = YCC if components > 1 else GREY
        self._library.jpeg_set_defaults(state)
        for number, (across, down) in enumerate(frame.sampling):
            state.comp_info[number].h_samp_factor, state.comp_info[number].v_samp_factor = across, down
        state.raw_data_in = in_planes
        self._set(coding, components)
        self._library.jpeg_start_compress(state, 1)
        self._carry()

    def write_coefficients(self, decoder: Decoder, coefficients: Any, coding: Coding) -> None:
        """Writes the picture that `decoder` has read as coefficients, as they now are."""
        self._library.jpeg_copy_critical_parameters(decoder.state, self.state)
        self._library.jpeg_set_quality(
            self.state, 50, 1
        )  # so that there are two tables, whatever the source has
        self._set(coding, self.state.num_components)
        self._library.jpeg_write_coefficients(self.state, coefficients)
        self._carry()

    def finished(self) -> bytes:
        """The whole file; nothing can be written afterwards."""
        self._library.jpeg_finish_compress(self.state)
        content = bytes(ffi.buffer(self._bytes[0], self._length[0]))
        c_library().free(self._bytes[0])
        return content

    def _set(self, coding: Coding, components: int) -> None:
        state = self.state
        for number in range(components):
            component, slot = state.comp_info[number], min(number, 1)
            component.quant_tbl_no = component.dc_tbl_no = component.ac_tbl_no = slot
        for slot, table in enumerate(coding.tables):
            state.quant_tbl_ptrs[slot].quantval = table.tolist()
        state.optimize_coding = coding.codes is None
        if coding.is_progressive:
            self._library.jpeg_simple_progression(state)
        for slot, pair in enumerate(coding.codes or ()):
            _fill(state.dc_huff_tbl_ptrs[slot], pair.dc)
            _fill(state.ac_huff_tbl_ptrs[slot], pair.ac)

    def _carry(self) -> None:
        for marker, body in self._carried:
            self._library.jpeg_write_marker(self.state, marker, body, len(body))


def _fill(slot: Any, code: Code) -> None:
    ffi.memmove(slot.bits, b"\0" + code.counts, 1 + len(code.counts))
    ffi.memmove(slot.huffval, code.symbols, len(code.symbols))

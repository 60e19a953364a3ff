"""Reading a JPEG with libjpeg: its header at once, then its samples or its coefficients."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from processing.codec.jpeg.declarations import ABI_VERSION
from processing.codec.jpeg.library import error_manager, ffi, opened


class Decoder:
    """Open for the length of a block; `state` is libjpeg's, behind its reading of the header."""

    def __init__(self, content: memoryview) -> None:
        self._library, self._errors = opened(), error_manager()
        self._content = ffi.from_buffer(content)
        self.state: Any = ffi.new("struct jpeg_decompress_struct *")
        self.state.err = self._errors
        self._library.jpeg_CreateDecompress(
            self.state, ABI_VERSION, ffi.sizeof("struct jpeg_decompress_struct")
        )
        self._library.jpeg_mem_src(self.state, self._content, len(self._content))
        self._library.jpeg_read_header(self.state, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.jpeg_destroy_decompress(self.state)

    @property
    def is_sound(self) -> bool:
        """Whether libjpeg has not had to make anything up so far."""
        return bool(self._errors.num_warnings == 0)

    def start_planes(self) -> None:
        """From now on rows of planes are read, as they are stored."""
        self.state.raw_data_out, self.state.out_color_space = 1, self.state.jpeg_color_space
        self._library.jpeg_start_decompress(self.state)

    def start_lines(self, colours: int) -> None:
        """From now on whole lines are read in these colours, each sample repeated as often as it is missing."""
        self.state.out_color_space, self.state.do_fancy_upsampling = colours, 0
        self._library.jpeg_start_decompress(self.state)

    def finish(self) -> None:
        """Reads what is left up to the end marker."""
        self._library.jpeg_finish_decompress(self.state)

"""The libjpeg-turbo that Pillow's wheel carries, opened at run time; nothing is compiled and the system's is not used.

libjpeg does not expect its fatal errors to return, and Python cannot jump over its own frames: a process that meets one
says why (`on_fatal`) and ends. So this runs in children of the codec alone, and `opened` must be called there first.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import cffi
import PIL
from PIL import features

from processing.codec.jpeg.declarations import DECLARATIONS

FATAL_EXIT: Final = 86
"""With what a process ends that libjpeg has given up in."""
YCC, GREY = 3, 1
"""libjpeg's numbers for the colours that an image's samples mean."""

_PLACES: Final = ("../pillow.libs/libjpeg-*.so.62*", ".dylibs/libjpeg.62*.dylib")
_MESSAGE_BYTES: Final = 200

ffi = cffi.FFI()
ffi.cdef(DECLARATIONS)


class _LastWords:
    """Who is told of a fatal error before the process ends."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda _: None


_last_words = _LastWords()


def on_fatal(say: Callable[[str], None]) -> None:
    """Names who is told, in libjpeg's words, before this process ends of them."""
    _last_words.say = say


def path() -> str | None:
    """Where the library lies; None if this Pillow has none of this ABI, as one that a distribution has built."""
    folder = Path(PIL.__file__).parent
    found = (str(file) for place in _PLACES for file in sorted(folder.glob(place)))
    return next(found, None)


@cache
def opened() -> Any:
    """The library itself.

    Raises:
        OSError: There is none.
    """
    return ffi.dlopen(path() or "")


@cache
def c_library() -> Any:
    """The one that the bytes were allocated by that libjpeg hands out."""
    return ffi.dlopen(None)


def error_manager() -> Any:
    """Prints nothing, counts warnings, and ends the process on what is fatal."""
    manager = ffi.new("struct jpeg_error_mgr *")
    opened().jpeg_std_error(manager)
    manager.error_exit, manager.output_message = _callbacks
    return manager


def _give_up(compressor: Any) -> None:
    try:
        text = ffi.new("char[]", _MESSAGE_BYTES)
        ffi.cast("struct jpeg_decompress_struct *", compressor).err.format_message(compressor, text)
        _last_words.say(ffi.string(text).decode("latin-1"))
    finally:
        os._exit(FATAL_EXIT)


def _keep_quiet(_: Any) -> None:
    """Warnings are counted by libjpeg itself."""


_callbacks: Final = tuple(ffi.callback("void(void *)", each) for each in (_give_up, _keep_quiet))
"""libjpeg holds only their addresses."""


def name() -> str:
    """Which one it is, such as `libjpeg-turbo 3.2.0`."""
    return f"libjpeg-turbo {features.version_feature('libjpeg_turbo')}"

"""The one thing that callers use: chooses the format by the first bytes and remembers how it came out."""

from __future__ import annotations

import re
from typing import Final

import errors
from processing.probe import avif, foreign, gif, jpeg, png, webp
from processing.probe.base import Limits, Probed
from processing.probe.reader import Reader, Steps

INPUT_MEDIA_TYPES: Final = (jpeg.MEDIA_TYPE, png.MEDIA_TYPE, webp.MEDIA_TYPE, gif.MEDIA_TYPE, avif.MEDIA_TYPE)

_SIGNATURE_BYTES: Final = 12
_FORMATS: Final = (
    (re.compile(rb"\xff\xd8\xff"), jpeg.probe),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), png.probe),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), webp.probe),
    (re.compile(rb"GIF8[79]a"), gif.probe),
    (re.compile(rb"....ftyp", re.DOTALL), avif.probe),  # or one of its relatives, which it refuses by name
)


class Probe:
    """Watches the bytes of one upload go by. However they are cut into pieces, the outcome is the same.

    Keeps what the last piece left unread and at most 64 KiB of look-ahead (1 MiB for AVIF's own description).
    Neither method decodes a pixel. Both repeat a refusal that has already been given.
    """

    def __init__(self, limits: Limits) -> None:
        self._reader = Reader()
        self._steps = _probe(self._reader, limits)
        self._outcome: Probed | errors.UserError | None = None

    def feed(self, piece: bytes | bytearray | memoryview) -> None:
        """Takes the next bytes. Those after the picture's end marker are ignored.

        Raises:
            UnsupportedFormatError: As soon as the bytes are seen to be of no format that comes in.
            CorruptImageError: As soon as the structure is seen to be broken.
            ImageTooLargeError: As soon as there are too many pixels or frames.
        """
        if self._outcome is None:
            self._reader.feed(piece)
            self._advance()
        if isinstance(self._outcome, errors.UserError):
            raise self._outcome

    def finish(self) -> Probed:
        """What the bytes are, now that all have been fed.

        Raises:
            UnsupportedFormatError: There were too few bytes to be anything.
            CorruptImageError: The structure did not reach its end.
        """
        self._reader.end()
        while self._outcome is None:
            self._advance()
        if isinstance(self._outcome, errors.UserError):
            raise self._outcome
        return self._outcome

    def _advance(self) -> None:
        try:
            next(self._steps)
        except StopIteration as done:
            self._outcome = done.value
        except errors.UserError as refusal:
            self._outcome = refusal
        if self._outcome:
            self._reader.let_go()


def _probe(reader: Reader, limits: Limits) -> Steps[Probed]:
    head = yield from reader.peek(_SIGNATURE_BYTES)
    for signature, probe in _FORMATS:
        if signature.match(head):
            return (yield from probe(reader, limits))
    head = yield from reader.peek(foreign.LOOK_AHEAD_BYTES)
    raise errors.UnsupportedFormatError(foreign.media_type(head))

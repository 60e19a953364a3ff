"""How many pixels an image has, as its header says: what its decoding may cost in memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Final

from errors import UserError
from processing.probe import Limits, Probe

PIECE_BYTES: Final = 64 * 2**10
JPEG: Final = b"\xff\xd8"


@dataclass(frozen=True)
class _Witness(Limits):
    """Refuses nothing, and remembers what it was asked."""

    max_pixels: int = sys.maxsize
    max_frames: int = sys.maxsize
    seen: list[int] = field(default_factory=lambda: [0])

    def check(self, width_px: int, height_px: int, frame_count: int = 1) -> None:
        self.seen.append(width_px * height_px * frame_count)


def count(content: memoryview) -> int:
    """Those of all frames together; 0 for what is no image.

    Of a JPEG only the header is looked at: the way to its end is long, and it has one frame.
    """
    witness = _Witness()
    probe = Probe(witness)
    try:
        for at in range(0, len(content), PIECE_BYTES):
            if len(witness.seen) > 1 and bytes(content[:2]) == JPEG:
                break
            probe.feed(bytes(content[at : at + PIECE_BYTES]))  # else what it keeps would keep the content
    except UserError:
        pass  # the codec will say what it is
    return max(witness.seen)

"""Huffman codes trained on photographs: one pass over a picture, at nearly the size that codes of its own would give.

The file beside this one has them for some qualities: luma and chroma, of each the codes for the first coefficient and
for the others, as they stand in a DHT segment. `benchmarks/train_huffman.py` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

LONGEST_BITS: Final = 16
BEST_TRAINED_QUALITY: Final = 65
"""Above it a picture's own codes are worth the second pass."""

FILE: Final = Path(__file__).with_name("huffman.json")


@dataclass(frozen=True)
class Code:
    """How many codes there are of each length from 1 to 16 bits, and the symbols that have them, in order."""

    counts: bytes
    symbols: bytes

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """Bits for each of 256 symbols; one more than there can be for those that have no code."""
        bits = np.full(256, LONGEST_BITS + 1, np.int32)
        bits[list(self.symbols)] = np.repeat(np.arange(1, LONGEST_BITS + 1), list(self.counts))[
            : len(self.symbols)
        ]
        return bits


@dataclass(frozen=True)
class Pair:
    """The codes of a component: for its first coefficients, and for all others."""

    dc: Code
    ac: Code


Codes: TypeAlias = tuple[Pair, Pair]
"""Of luma and of chroma."""


def trained(quality: int) -> Codes | None:
    """Those of the nearest quality that was trained; None where a picture should have its own."""
    if quality > BEST_TRAINED_QUALITY:
        return None
    codes = _read()
    return codes[min(codes, key=lambda trained: abs(trained - quality))]


@cache
def _read() -> dict[int, Codes]:
    return {
        int(quality): (_pair(luma), _pair(chroma))
        for quality, (luma, chroma) in json.loads(FILE.read_text()).items()
    }


def _pair(written: list[str]) -> Pair:
    dc, ac = (Code(content[:LONGEST_BITS], content[LONGEST_BITS:]) for content in map(bytes.fromhex, written))
    return Pair(dc, ac)

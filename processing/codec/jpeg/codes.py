"""Huffman codes made of how often each symbol is written, so that a picture has its own without being gone through first.

Every symbol that there can be has a code: what a sample tells of a picture need not be all that is in it.
Source: ITU-T T.81, K.2, and libjpeg's `jpeg_gen_optimal_table`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any, Final

from numpy.typing import NDArray

from processing.codec.jpeg.huffman import LONGEST_BITS, Code

DC_SYMBOLS: Final = tuple(range(12))
"""Bits of a difference."""
AC_SYMBOLS: Final = tuple(
    sorted({0x00, 0xF0} | {run * 16 + size for run in range(16) for size in range(1, 11)})
)
"""Zeros before a coefficient, and its bits; the end of a block, and sixteen zeros."""

_UNSEEN: Final = 1e-6
"""The share of a symbol that was not met."""


def made_for(counts: NDArray[Any], symbols: Sequence[int]) -> Code:
    """The code for symbols that are written so often."""
    least = _UNSEEN * max(1.0, float(counts.sum()))
    weights = [float(counts[symbol]) + least for symbol in symbols]
    lengths = _limited(
        _lengths([*weights, 0.0])
    )  # the last one gets the code of ones alone, which none may have
    in_order = sorted(range(len(symbols)), key=lambda number: -weights[number])
    return Code(bytes(lengths), bytes(symbols[number] for number in in_order))


def _lengths(weights: Sequence[float]) -> list[int]:
    """How many codes there are of each length, from 0 bits on, if none is too long."""
    waiting = [(weight, number) for number, weight in enumerate(weights)]
    heapq.heapify(waiting)
    parents: list[int] = [0] * (2 * len(weights) - 1)
    for joined in range(len(weights), len(parents)):
        lighter, light = heapq.heappop(waiting), heapq.heappop(waiting)
        parents[lighter[1]] = parents[light[1]] = joined
        heapq.heappush(waiting, (lighter[0] + light[0], joined))
    depths = [0] * len(parents)
    for number in reversed(range(len(parents) - 1)):
        depths[number] = depths[parents[number]] + 1
    per_length = [0] * (1 + max(LONGEST_BITS, *depths))
    for depth in depths[: len(weights)]:
        per_length[depth] += 1
    return per_length


def _limited(per_length: list[int]) -> Iterator[int]:
    """The same for 1 to 16 bits: two that are too long come up to half of what is shorter. Without the last code."""
    for bits in range(len(per_length) - 1, LONGEST_BITS, -1):
        while per_length[bits]:
            shorter = next(length for length in range(bits - 2, 0, -1) if per_length[length])
            per_length[bits] -= 2
            per_length[bits - 1] += 1
            per_length[shorter + 1] += 2
            per_length[shorter] -= 1
    longest = max(length for length in range(1, LONGEST_BITS + 1) if per_length[length])
    per_length[longest] -= 1
    yield from per_length[1 : LONGEST_BITS + 1]

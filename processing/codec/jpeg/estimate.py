"""How large a picture would be in other steps, told from a sample of its coefficients without writing it.

What the sample tells of the size that the file has now is compared with the truth, and every other estimate corrected
by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from processing.codec.jpeg import codes
from processing.codec.jpeg.coefficients import Blocks, Coefficients
from processing.codec.jpeg.huffman import LONGEST_BITS, Code, Codes, Pair
from processing.codec.jpeg.quantisation import COEFFICIENTS, ZIGZAG, Table, Tables

SAMPLED_BLOCKS: Final = 4_000
"""Of the first component; it may be nearly twice as many."""
MOST_SHARE: Final = 128

_SHIFT: Final = 7
_STUFFING: Final = 1.002
"""A zero follows each byte of ones."""
_HEADER_BYTES, _TABLE_BYTES, _CODES_BYTES = 40, 69, 42
"""Without a symbol."""
_WHOLE_BITS: Final = 1.013
"""What a code loses by it that its codes have whole bits."""
_RUN_LENGTH, _LONG_RUN, _END_OF_BLOCK = 16, 0xF0, 0x00
_MOST_CORRECTION: Final = 0.15


def _bit_lengths() -> NDArray[np.uint8]:
    """Bits of a number's magnitude, by the number as 16 bits without a sign."""
    bits = np.zeros(1 << 16, np.uint8)
    for length in range(1, 16):
        bits[1 << length - 1 : 1 << length] = length
    bits[(1 << 15) + 1 :] = bits[(1 << 15) - 1 : 0 : -1]
    return bits


_BITS: Final = _bit_lengths()


@dataclass(frozen=True)
class _Part:
    """A component's sample: how many blocks, and how many times that there are. Of some, the first coefficient and that
    of the block before it in the file; of every other coefficient that is not zero its block, place and value.
    """

    blocks: int
    scale: float
    before: NDArray[np.float32]
    first: NDArray[np.float32]
    block: NDArray[np.int32]
    place: NDArray[np.int32]
    value: NDArray[np.float32]


@dataclass(frozen=True)
class Symbols:
    """How often each symbol of two codes would be written, and the bits that follow them."""

    dc: NDArray[Any]
    ac: NDArray[Any]
    bits: float


Lengths: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
"""Bits of the symbols of a component's two codes."""


class Estimator:
    """Knows a sample of a picture, as its coefficients are when it is made."""

    def __init__(self, coefficients: Coefficients, steps: Sequence[Table]) -> None:
        self._steps = steps
        sampling = [(part.h_samp_factor, part.v_samp_factor) for part in coefficients.components]
        blocks = sum(band.shape[0] * band.shape[1] for band in coefficients.bands[0])
        share = min(max(1, blocks // SAMPLED_BLOCKS), MOST_SHARE)
        self._parts = [
            _part(bands, share, *each) for bands, each in zip(coefficients.bands, sampling, strict=True)
        ]
        self._correction = 1.0

    def symbols(self) -> list[Symbols]:
        """What is written of each component as it is."""
        unchanged = np.ones(COEFFICIENTS, np.float32)
        return [_symbols(part, unchanged) for part in self._parts]

    def learn(self, coefficients: Coefficients, data_bytes: int) -> None:
        """Compares with the truth: how many bytes the data of the picture has in its file, which is not progressive."""
        told = _data_bytes(
            self.symbols(), [_lengths_in_file(coefficients.state, part) for part in coefficients.components]
        )
        self._correction = float(np.clip(data_bytes / told, 1 - _MOST_CORRECTION, 1 + _MOST_CORRECTION))

    def symbols_in(self, tables: Tables) -> list[Symbols]:
        """What would be written of each component in these steps."""
        wanted = [tables[min(number, 1)] for number in range(len(self._parts))]
        return [
            _symbols(part, (before / after).astype(np.float32)[ZIGZAG])
            for part, before, after in zip(self._parts, self._steps, wanted, strict=True)
        ]

    def size_bytes(self, symbols: Sequence[Symbols]) -> float:
        """The size of the file in which these are written with codes of their own, without what is carried along."""
        luma, *chroma = symbols
        lengths = [_own_lengths([luma]), *[_own_lengths(chroma)] * len(chroma)]
        return _header_bytes(lengths) + self._correction * _data_bytes(symbols, lengths)


def own_codes(symbols: Sequence[Symbols]) -> Codes:
    """Those that suit them best, of luma and of all else."""
    luma, *chroma = symbols
    pairs = [
        Pair(
            codes.made_for(_all(each, "dc"), codes.DC_SYMBOLS),
            codes.made_for(_all(each, "ac"), codes.AC_SYMBOLS),
        )
        for each in ([luma], chroma or [luma])
    ]
    return pairs[0], pairs[1]


def _part(bands: Sequence[Blocks], share: int, across: int, down: int) -> _Part:
    """One of so many blocks of each row, in the next row others."""
    rows = [row for band in bands for row in band]
    taken = np.concatenate([row[number * _SHIFT % share :: share] for number, row in enumerate(rows)])
    others = taken[:, ZIGZAG[1:]]
    at = np.flatnonzero(others != 0).astype(np.int32)  # of booleans, which is three times as fast
    block, place = np.divmod(at, np.int32(COEFFICIENTS - 1))
    before, first = _first(rows, share, across, down)
    return _Part(
        blocks=len(taken),
        scale=len(rows) * len(rows[0]) / len(taken),
        before=before,
        first=first,
        block=block,
        place=place,
        value=others.reshape(-1)[at].astype(np.float32),
    )


def _first(
    rows: Sequence[NDArray[np.int16]], share: int, across: int, down: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of one of so many blocks the first coefficient, which is written as a difference: that of the block before, too."""
    in_order = _in_order_of_file(np.stack([row[:, 0] for row in rows]), across, down)
    every = share | 1  # an odd number: not always the same place in a square
    return np.append(np.float32(0), in_order[:-1])[::every], in_order[::every]


def _in_order_of_file(first: NDArray[np.int16], across: int, down: int) -> NDArray[np.float32]:
    """Square by square; what fills up the last ones says the same as their neighbours."""
    filled = np.pad(first, ((0, -first.shape[0] % down), (0, -first.shape[1] % across)), mode="edge")
    squares = filled.reshape(-1, down, filled.shape[1] // across, across)
    return squares.transpose(0, 2, 1, 3).reshape(-1).astype(np.float32)


def _symbols(part: _Part, ratios: NDArray[np.float32]) -> Symbols:
    """What would be written if each coefficient counted so many times as much. Source: ITU-T T.81, F.1.2."""
    scaled = np.rint(part.value * ratios[part.place + 1]).astype(np.int16)
    left = np.flatnonzero(scaled != 0)
    block, place, bits = part.block[left], part.place[left], _BITS[scaled[left].view(np.uint16)]
    is_first = np.ones(len(left), bool)
    np.not_equal(block[1:], block[:-1], out=is_first[1:])
    run = np.diff(place, prepend=np.int32(-1)) - 1
    run[is_first] = place[is_first]
    ac = np.bincount((run % _RUN_LENGTH) * 16 + bits, minlength=256).astype(float)
    ac[_LONG_RUN] += (run // _RUN_LENGTH).sum()
    ac[_END_OF_BLOCK] += part.blocks - np.count_nonzero(place == COEFFICIENTS - 2)
    steps = (np.rint(part.first * ratios[0]) - np.rint(part.before * ratios[0])).astype(np.int16)
    dc_bits = _BITS[steps.view(np.uint16)]
    dc_scale = part.blocks * part.scale / len(steps)
    dc = np.bincount(dc_bits, minlength=256) * dc_scale
    return Symbols(dc, ac * part.scale, part.scale * int(bits.sum()) + dc_scale * int(dc_bits.sum()))


def _data_bytes(symbols: Sequence[Symbols], lengths: Sequence[Lengths]) -> float:
    bits = sum(
        float(each.dc @ dc_lengths + each.ac @ ac_lengths) + each.bits
        for each, (dc_lengths, ac_lengths) in zip(symbols, lengths, strict=True)
    )
    return bits / 8 * _STUFFING


def _header_bytes(lengths: Sequence[Lengths]) -> int:
    """What stands before the data: steps and codes, both twice where there are colours."""
    written = lengths[:2]
    symbols = sum(int(np.count_nonzero(each <= LONGEST_BITS)) for pair in written for each in pair)
    return _HEADER_BYTES + len(written) * (_TABLE_BYTES + _CODES_BYTES) + symbols


def _own_lengths(symbols: Sequence[Symbols]) -> Lengths:
    """What a code for these symbols alone would give them, but for its rounding to whole bits."""
    return _ideal(_all(symbols, "dc")), _ideal(_all(symbols, "ac"))


def _all(symbols: Sequence[Symbols], name: str) -> NDArray[Any]:
    """What is written of several components with one code."""
    total: NDArray[Any] = np.sum([getattr(each, name) for each in symbols], axis=0)
    return total


def _ideal(counts: NDArray[Any]) -> NDArray[Any]:
    ideal: NDArray[Any] = (
        np.maximum(1.0, -np.log2(np.maximum(counts, 1e-9) / max(1.0, counts.sum()))) * _WHOLE_BITS
    )
    return ideal


def _lengths_in_file(state: Any, component: Any) -> Lengths:
    """Those of the codes that the file itself has."""
    slots = state.dc_huff_tbl_ptrs[component.dc_tbl_no], state.ac_huff_tbl_ptrs[component.ac_tbl_no]
    dc, ac = (Code(bytes(slot.bits)[1:], bytes(slot.huffval)[: sum(slot.bits)]).lengths for slot in slots)
    return dc, ac

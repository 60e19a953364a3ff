"""Trains the codec's Huffman codes on a folder of photographs: `python -m benchmarks.train_huffman FOLDER [FOLDER …]`.

Each photograph is encoded in each quality, at two sizes; what its own codes would count is taken together, every byte of
a small file with more weight than one of a large, so that the mean of what files grow by is the least; and codes are made
of it that have every symbol. A folder wants smooth photographs as well as busy ones.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyvips

from benchmarks.photos import SUFFIXES
from processing.codec.jpeg import codes, facts, huffman
from processing.codec.jpeg.coefficients import Coefficients
from processing.codec.jpeg.estimate import Estimator

QUALITIES = (15, 30, 50, 65)
SIDES_PX = (700, 1400)
RESERVED = 256
"""The code of ones alone, which no symbol may have."""
LEAST = 1e-7
"""Of what is written, for symbols that were not met."""


def photographs(folders: list[str]) -> Iterator[Any]:
    """Each at two sizes."""
    for folder in folders:
        for file in sorted(Path(folder).rglob("*")):
            if file.suffix.lower() in SUFFIXES:
                photo = pyvips.Image.new_from_file(str(file)).colourspace("srgb")[:3]
                for side_px in SIDES_PX:
                    yield photo.thumbnail_image(side_px)


def counts(photo: Any, quality: int) -> list[list[Any]]:
    """How often each symbol is written for a byte of the file: of luma and chroma, the first coefficients and the others."""
    content = memoryview(photo.jpegsave_buffer(Q=quality, subsample_mode="on", optimize_coding=True))
    with Coefficients(content) as coefficients:
        luma, *chroma = Estimator(coefficients, facts.inspect(content).steps).symbols()
    found = [[luma.dc, luma.ac], [sum(each.dc for each in chroma), sum(each.ac for each in chroma)]]
    return [[each / len(content) for each in pair] for pair in found]


def code(weights: Any, symbols: Any) -> str:
    """Counts of the lengths and symbols, in hexadecimal. Source: ITU-T T.81, K.2."""
    weighed = {symbol: weights[symbol] / weights.sum() + LEAST for symbol in symbols}
    lengths = _lengths(weighed | {RESERVED: 0.0})
    in_order = sorted(symbols, key=lambda symbol: (lengths[symbol], -weighed[symbol], symbol))
    per_length = [
        sum(lengths[symbol] == bits for symbol in symbols) for bits in range(1, huffman.LONGEST_BITS + 1)
    ]
    return bytes(per_length).hex() + bytes(in_order).hex()


def _lengths(weights: dict[int, float]) -> dict[int, int]:
    """The best that are not too long. Source: Larmore and Hirschberg 1990, package-merge."""
    coins = sorted((weight, (symbol,)) for symbol, weight in weights.items())
    merged = coins
    for _ in range(huffman.LONGEST_BITS - 1):
        pairs = zip(merged[::2], merged[1::2], strict=False)
        merged = sorted([*coins, *((one[0] + other[0], one[1] + other[1]) for one, other in pairs)])
    return dict(Counter(chain.from_iterable(symbols for _, symbols in merged[: 2 * len(coins) - 2])))


def main() -> None:
    """Writes the codec's file."""
    trained_on = [photo.copy_memory() for photo in photographs(sys.argv[1:])]
    made = {}
    for quality in QUALITIES:
        totals = [[np.zeros(256), np.zeros(256)], [np.zeros(256), np.zeros(256)]]
        for photo in trained_on:
            for total, found in zip(totals, counts(photo, quality), strict=True):
                for number, each in enumerate(found):
                    total[number] += each
        made[quality] = [[code(dc, codes.DC_SYMBOLS), code(ac, codes.AC_SYMBOLS)] for dc, ac in totals]
    huffman.FILE.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()

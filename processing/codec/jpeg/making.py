"""A JPEG made into a smaller one, along the way that was planned; where that is no gain, along ever more sparing ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.batch import Compression, CompressionMode
from processing.codec.jpeg import fitting, huffman, planes, quantisation
from processing.codec.jpeg.coefficients import Coefficients
from processing.codec.jpeg.encoder import Carried, Coding
from processing.codec.jpeg.facts import Facts
from processing.codec.jpeg.plan import Path, wanted_quality


def forms(
    content: memoryview, facts: Facts, path: Path, compression: Compression, carried: Carried
) -> Iterator[bytes]:
    """Files of the picture, the wanted one first; each is made only when it is asked for, as the one before was too large.

    Raises:
        CompressionError: The picture is damaged.
    """
    if path == Path.TURN:
        yield from _turned(content, facts, compression, carried)
        return
    if path == Path.FIT:
        yield fitting.fitted(content, facts, compression.value, carried)
    quality = wanted_quality(compression) if path != Path.FIT else quantisation.BEST_QUALITY
    coding = Coding(quantisation.of_quality(quality), huffman.trained(quality))
    if path == Path.STREAM:
        yield planes.streamed(content, facts.frame, coding, carried)
    if path == Path.QUARTER:
        yield planes.quartered(content, facts.frame, coding, carried)
    yield from _requantised(content, facts, quality, carried)


def _requantised(content: memoryview, facts: Facts, quality: int, carried: Carried) -> Iterator[bytes]:
    """The same blocks in steps that are nowhere finer than they were; then progressive, which takes longest."""
    tables = facts.nowhere_finer(quantisation.of_quality(quality))
    with Coefficients(content) as coefficients:
        coefficients.quantise(facts.steps, tables)
        for is_progressive in (False, True):
            yield coefficients.written(Coding(tables, is_progressive=is_progressive), carried)


def _turned(content: memoryview, facts: Facts, compression: Compression, carried: Carried) -> Iterator[bytes]:
    """Upright, in steps that are nowhere finer than they were; then progressive."""
    frame = facts.frame.turned() if facts.lies_on_its_side else facts.frame
    upright = planes.upright(planes.decoded(content, facts.frame), facts.orientation)
    for coding in _codings(content, facts, compression, carried):
        tables = quantisation.turned(coding.tables) if facts.lies_on_its_side else coding.tables
        yield planes.encoded(upright, frame, replace(coding, tables=tables), carried)


def _codings(
    content: memoryview, facts: Facts, compression: Compression, carried: Carried
) -> Iterator[Coding]:
    """How a picture that is turned is coded, as it lies."""
    if compression.mode == CompressionMode.TARGET_RATIO:
        yield from fitting.codings(content, facts, compression.value, carried)
        return
    quality = wanted_quality(compression)
    tables = facts.nowhere_finer(quantisation.of_quality(quality))
    yield Coding(tables, huffman.trained(quality))
    yield Coding(tables, is_progressive=True)

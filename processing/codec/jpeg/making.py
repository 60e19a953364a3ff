"""A JPEG made into a smaller one, along the way that was planned; where that is no gain, along ever more sparing ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models.values import Compression, CompressionMode
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
    quality = wanted_quality(compression)
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
    """Upright; then progressive, in steps that are nowhere finer than they were."""
    turn = _Turn(content, facts, carried)
    if compression.mode == CompressionMode.TARGET_RATIO:
        yield _turned_to_fit(turn, content, facts, compression.value, carried)
    quality = wanted_quality(compression)
    tables = quantisation.of_quality(quality)
    yield turn.written(Coding(facts.as_stored(tables), huffman.trained(quality)))
    yield turn.written(Coding(facts.nowhere_finer(tables), is_progressive=True))


def _turned_to_fit(turn: _Turn, content: memoryview, facts: Facts, ratio: float, carried: Carried) -> bytes:
    with Coefficients(content) as coefficients:
        search = fitting.Search(content, facts, coefficients, carried)
    return search.settled(int(len(content) * ratio), turn.written)


class _Turn:
    """A picture's planes, upright."""

    def __init__(self, content: memoryview, facts: Facts, carried: Carried) -> None:
        self._is_lying, self._carried = facts.lies_on_its_side, carried
        self._frame = facts.frame.turned() if self._is_lying else facts.frame
        self._planes = planes.upright(planes.decoded(content, facts.frame), facts.orientation)

    def written(self, coding: Coding) -> bytes:
        """The picture in the steps that are said as it was stored."""
        tables = quantisation.turned(coding.tables) if self._is_lying else coding.tables
        return planes.encoded(self._planes, self._frame, replace(coding, tables=tables), self._carried)

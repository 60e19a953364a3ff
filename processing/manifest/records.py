"""Text, cut into records by the standard library's reader. It cannot wait in a record for more text, so a record that
is not complete is read again with what follows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from processing.manifest.problems import Code, Problem, UnreadableError

MAX_CHARACTERS: Final = 2**20
"""Of a record: five times what the longest row allowed has."""

_COLUMNS: Final = 3

csv.field_size_limit(2**31 - 1)  # the largest file; records have a bound of their own


@dataclass(frozen=True, slots=True)
class Record:
    """Cells, the text that they were, and the line that it begins on."""

    line: int
    cells: list[str]
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether it is a line with nothing on it, not even a delimiter."""
        return not self.cells or (len(self.cells) == 1 and not self.cells[0].strip())


class Records:
    """Records with one delimiter, from text that comes in parts."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._line = 1
        self._waiting = ""

    def take(self, text: str, *, is_last: bool) -> Iterator[Record | Problem]:
        """The records that end in this text; those with a misplaced quotation mark are problems.

        Raises:
            UnreadableError: A quotation mark is never closed, or a record has more than MAX_CHARACTERS.
        """
        text = self._waiting + text
        lines = _Lines(text if is_last else text[: _last_end(text)])
        start, line = 0, self._line
        for cells in _cells(lines, self._delimiter):
            _require_short(lines.position - start, line)
            following = self._line + lines.count
            yield (
                Record(line, cells, text[start : lines.position])
                if cells is not None
                else _misplaced(line, following)
            )
            start, line = lines.position, following
        is_open = lines.position > start
        self._waiting, self._line = text[start:], line
        if is_open and (is_last or len(self._waiting) > MAX_CHARACTERS):
            message = f"The quotation mark that opens a cell of the row on line {line:,} is never closed."
            raise UnreadableError(Problem(line, Code.UNTERMINATED_QUOTE, message))
        _require_short(len(self._waiting), line)


class _Lines:
    """Lines with their ends (CRLF, LF or CR), and how many lines and characters were asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.count = 0
        self.position = 0
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        for line in io.StringIO(self._text, newline=""):
            self.count += 1
            self.position += len(line)
            yield line
        self.is_over = True


def unwrapped(cells: list[str], delimiter: str) -> list[str] | None:
    """The cells inside the only cell, if a whole line was put in quotation marks."""
    if len(cells) != 1:
        return None
    try:
        inner = list(_reader(_Lines(cells[0]), delimiter))
    except csv.Error:
        return None
    return inner[0] if len(inner) == 1 and len(inner[0]) >= _COLUMNS else None


def _cells(lines: _Lines, delimiter: str) -> Iterator[list[str] | None]:
    """Those of each record that is complete, none of what cannot be read."""
    reader = _reader(lines, delimiter)
    while not lines.is_over:
        try:
            yield from reader
        except csv.Error:
            if not lines.is_over:
                yield None


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)


def _misplaced(line: int, following: int) -> Problem:
    lines = f"line {line:,}" if following == line + 1 else f"lines {line:,} to {following - 1:,}"
    message = f"A quotation mark stands where none may stand; {lines} cannot be read."
    return Problem(line, Code.MISPLACED_QUOTE, message)


def _last_end(text: str) -> int:
    """Where the last complete line ends; a CR at the very end may be half of a CRLF."""
    return max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1


def _require_short(characters: int, line: int) -> None:
    if characters > MAX_CHARACTERS:
        message = f"The row on line {line:,} has more than {MAX_CHARACTERS:,} characters."
        raise UnreadableError(Problem(line, Code.ROW_TOO_LONG, message))

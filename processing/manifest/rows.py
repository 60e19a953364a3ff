"""The rows of a manifest: cells made values, or the problems that keep them from it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from processing.manifest import encoding, formulas, urls
from processing.manifest.columns import Columns
from processing.manifest.problems import Code, Problem, Severity, shown
from processing.manifest.records import Record, unwrapped

MAX_VALUE_CHARACTERS: Final = 255
_MAX_DECOMPOSED_CHARACTERS: Final = 4 * MAX_VALUE_CHARACTERS
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Row:
    """A product and its images, as they are written.

    Attributes:
        line: Where the row begins, counted from 1.
        serial_number: Trimmed, else verbatim.
        product_name: Trimmed, NFC, without control characters.
        image_urls: In the order of the row; repeats keep their positions.
        extra: The cells under `Columns.extra`; there may be fewer.
    """

    line: int
    serial_number: str
    product_name: str
    image_urls: tuple[str, ...]
    extra: tuple[str, ...] = ()


class RowReader:
    """Reads the rows below one header.

    Args:
        columns: Which column is which.
        delimiter: What stands between cells.
        max_urls: The most images of a row.

    Attributes:
        image_count: Of all rows so far, those that cannot be used included.
    """

    def __init__(self, columns: Columns, delimiter: str, max_urls: int) -> None:
        self._columns = columns
        self._delimiter = delimiter
        self._max_urls = max_urls
        self._serial_numbers: set[int] = set()  # hashes: the texts themselves would be many times as large
        self.image_count = 0

    def read(self, record: Record) -> tuple[Row | None, list[Problem]]:
        """The row, unless one of its problems is an error; and all its problems."""
        if unreadable := encoding.unreadable(record.line, record.text):
            return None, [unreadable]
        cells, problems = self._unwrapped(record)
        if len(cells) > len(self._columns.headings):
            cells, surplus = self._merged(record.line, cells)
            problems += surplus
        row = self._row(record.line, cells)
        self.image_count += len(row.image_urls)
        problems += self._problems(row)
        is_sound = all(problem.severity is Severity.WARNING for problem in problems)
        return row if is_sound else None, problems

    def _unwrapped(self, record: Record) -> tuple[list[str], list[Problem]]:
        inner = unwrapped(record.cells, self._delimiter)
        if inner is None:
            return record.cells, []
        message = "The whole line stands in quotation marks; what is inside was read."
        return inner, [Problem(record.line, Code.W_QUOTED_LINE, message)]

    def _merged(self, line: int, cells: list[str]) -> tuple[list[str], list[Problem]]:
        """One cell for each heading; addresses behind the last one belong to it, if it is theirs."""
        width = len(self._columns.headings)
        surplus = [cell for cell in cells[width:] if cell.strip()]
        if not surplus:
            return cells[:width], []
        if self._columns.input_urls != width - 1 or not all(map(urls.is_begun, surplus)):
            message = f"The row has more cells than the header has columns, `{shown(surplus[0])}` among them."
            return cells[:width], [Problem(line, Code.SURPLUS_CELLS, message)]
        merged = [*cells[: width - 1], ",".join([cells[width - 1], *surplus])]
        message = f"{len(surplus):,} cells behind the last column are addresses; they were read as its own."
        return merged, [self._problem(line, Code.W_RAGGED_MERGED, self._columns.input_urls, message)]

    def _row(self, line: int, cells: list[str]) -> Row:
        serial_number, product_name, input_urls = (
            cells[column] if column < len(cells) else ""
            for column in (self._columns.serial_number, self._columns.product_name, self._columns.input_urls)
        )
        extra = self._columns.extra[: bisect_left(self._columns.extra, len(cells))]
        return Row(
            line,
            _text(serial_number),
            _text(_composed(product_name.strip())),
            tuple(urls.split(input_urls)),
            tuple(_text(cells[column]) for column in extra),
        )

    def _problems(self, row: Row) -> Iterator[Problem]:
        yield from self._value_problems(row.line, self._columns.serial_number, row.serial_number)
        yield from self._value_problems(row.line, self._columns.product_name, row.product_name)
        if _CONTROL.search(row.product_name):
            message = "The name contains a control character."
            yield self._problem(row.line, Code.CONTROL_CHARACTER, self._columns.product_name, message)
        if len(row.image_urls) > self._max_urls:
            message = f"The row has {len(row.image_urls):,} images; {self._max_urls:,} are allowed."
            yield self._problem(row.line, Code.TOO_MANY_URLS, self._columns.input_urls, message)
        else:
            yield from self._url_problems(row)
        yield from self._repeated_number(row)

    def _value_problems(self, line: int, column: int, value: str) -> Iterator[Problem]:
        if not value:
            yield self._problem(line, Code.MISSING_VALUE, column, "The cell is empty.")
        elif len(value) > MAX_VALUE_CHARACTERS:
            message = f"The cell has {len(value):,} characters; {MAX_VALUE_CHARACTERS:,} are allowed."
            yield self._problem(line, Code.VALUE_TOO_LONG, column, message)

    def _url_problems(self, row: Row) -> Iterator[Problem]:
        column = self._columns.input_urls
        if not row.image_urls:
            yield self._problem(row.line, Code.MISSING_VALUE, column, "The cell has no address of an image.")
        for position, url in enumerate(row.image_urls, start=1):
            if flaw := urls.flaw(url):
                code, message = flaw
                yield self._problem(row.line, code, column, f"Image {position:,}: {message}")

    def _repeated_number(self, row: Row) -> Iterator[Problem]:
        number = hash(row.serial_number)
        if row.serial_number and number in self._serial_numbers:
            message = f"An earlier row has the number `{shown(row.serial_number)}`, too."
            yield self._problem(
                row.line, Code.W_DUPLICATE_SERIAL_NUMBER, self._columns.serial_number, message
            )
        self._serial_numbers.add(number)

    def _problem(self, line: int, code: Code, column: int, message: str) -> Problem:
        return Problem(line, code, message, shown(self._columns.headings[column]))


def _composed(name: str) -> str:
    """In NFC, unless it is too long in any form; normalising takes quadratic time."""
    return unicodedata.normalize("NFC", name) if len(name) <= _MAX_DECOMPOSED_CHARACTERS else name


def _text(cell: str) -> str:
    """A cell as its reader sees it."""
    return formulas.unguarded(cell.strip()).strip()

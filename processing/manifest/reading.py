"""The one pass over a manifest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from processing.manifest import columns, dialect, encoding
from processing.manifest.problems import Code, Problem, Problems, UnreadableError
from processing.manifest.records import Record, Records, unwrapped
from processing.manifest.rows import Row, RowReader

_AT_A_TIME: Final = 50
"""Records between two chances for others to run: up to 100 addresses each, so some milliseconds."""

_LINES_PER_ROW: Final = 10
"""As many lines as rows may be, ten times over: blank ones cost time, too."""


class OnInvalidRow(StrEnum):
    """What becomes of a manifest that has rows with errors."""

    REJECT_FILE = "REJECT_FILE"
    SKIP_ROWS = "SKIP_ROWS"


@dataclass(frozen=True)
class Limits:
    """How much a manifest may hold; repeated images count as often as they come."""

    max_bytes: int = 64 * 2**20
    max_rows: int = 100_000
    max_images: int = 100_000
    max_urls_per_row: int = 100


class Reading:
    """Reads a manifest once: `rows()` gives the rows, everything else is known when it has ended.

    However the bytes are cut into pieces, the outcome is the same. What is held at once is a block, the text of two
    (a record may reach from one into the next), one hash for each row, and the problems that `Problems` keeps.

    Args:
        pieces: The file.
        limits: How much it may hold.
        block_bytes: How much is decoded at a time. The header has to be in the first block.

    Attributes:
        encoding: "UTF-8" or "UTF-16".
        delimiter: One of `,`, `;`, tab and `|`.
        extra_headings: Of the columns that extended results repeat, as they are written.
        row_count: Rows below the header; blank lines are none, rows with errors are.
        image_count: Images in the rows without errors.
        problems: All that is wrong.
        is_broken: Whether the file as a whole is of no use, whatever rows would be skipped.
    """

    def __init__(
        self,
        pieces: AsyncIterable[bytes | bytearray | memoryview],
        limits: Limits,
        *,
        block_bytes: int = encoding.BLOCK_BYTES,
    ) -> None:
        self._blocks = encoding.blocks(pieces, block_bytes, limits.max_bytes)
        self._limits = limits
        self._reader: RowReader | None = None
        self.encoding = "UTF-8"
        self.delimiter = dialect.DELIMITERS[0]
        self.extra_headings: tuple[str, ...] = ()
        self.row_count = 0
        self.image_count = 0
        self.problems = Problems()
        self.is_broken = False

    def is_accepted(self, on_invalid_row: OnInvalidRow) -> bool:
        """Whether a batch can be made of the rows."""
        if self.is_broken or self.image_count == 0:
            return False
        return on_invalid_row is OnInvalidRow.SKIP_ROWS or self.problems.error_count == 0

    async def rows(self) -> AsyncGenerator[Row, None]:
        """The rows without errors, in their order. To be read once, to the end.

        The file is not read any further than to what makes it useless.

        Raises:
            UnsupportedFormatError: The bytes are a spreadsheet program's own format, or compressed.
            FileTooLargeError: There are more bytes than allowed.
        """
        try:
            async for record in self._records():
                if self._reader is None:
                    self._reader = self._below(record)
                elif row := self._row(record, self._reader):
                    yield row
            self._require_rows()
        except UnreadableError as error:
            self.is_broken = True
            self.problems.add(error.problems)

    async def _records(self) -> AsyncGenerator[Record | Problem, None]:
        """The header and what is below it, without blank lines."""
        records: Records | None = None
        count = 0
        async for text, is_last in self._texts():
            if records is None:
                self.delimiter = dialect.delimiter(text, is_last=is_last)
                records = Records(self.delimiter)
            for record in records.take(text, is_last=is_last):
                count += 1
                self._require_few_lines(count, record.line)
                if isinstance(record, Problem) or not (record.is_blank or dialect.is_declaration(record)):
                    yield record
                if count % _AT_A_TIME == 0:
                    await asyncio.sleep(0)

    async def _texts(self) -> AsyncGenerator[tuple[str, bool], None]:
        """The file, decoded block by block, and whether each is the last."""
        decoder: encoding.Decoder | None = None
        async for block, is_last in self._blocks:
            decoder = decoder or encoding.Decoder(block)
            self.encoding = decoder.name
            yield decoder.decode(block, is_last=is_last), is_last

    def _below(self, header: Record | Problem) -> RowReader:
        """Reads what is below the header."""
        if isinstance(header, Problem):
            raise UnreadableError(header)
        if unreadable := encoding.unreadable(header.line, header.text):
            raise UnreadableError(unreadable)
        cells = unwrapped(header.cells, self.delimiter)
        if cells:
            message = "The header stands in quotation marks as a whole; what is inside was read."
            self.problems.add([Problem(header.line, Code.W_QUOTED_LINE, message)])
        found, warnings = columns.read(header.line, cells or header.cells)
        self.problems.add(warnings)
        self.extra_headings = found.extra_headings
        return RowReader(found, self.delimiter, self._limits.max_urls_per_row)

    def _row(self, record: Record | Problem, reader: RowReader) -> Row | None:
        self.row_count += 1
        if self.row_count > self._limits.max_rows:
            message = f"The file has more than {self._limits.max_rows:,} rows."
            raise UnreadableError(Problem(record.line, Code.TOO_MANY_ROWS, message))
        if isinstance(record, Problem):
            self.problems.add([record])
            return None
        row, problems = reader.read(record)
        self.problems.add(problems)
        if reader.image_count > self._limits.max_images:
            message = f"The file has more than {self._limits.max_images:,} images."
            raise UnreadableError(Problem(record.line, Code.TOO_MANY_IMAGES, message))
        self.image_count += len(row.image_urls) if row else 0
        return row

    def _require_few_lines(self, count: int, line: int) -> None:
        most = _LINES_PER_ROW * self._limits.max_rows
        if count > most:
            message = f"The file has more than {most:,} lines, blank ones included."
            raise UnreadableError(Problem(line, Code.TOO_MANY_ROWS, message))

    def _require_rows(self) -> None:
        if self._reader is None:
            raise UnreadableError(Problem(1, Code.EMPTY_FILE, "The file is empty."))
        if self.row_count == 0:
            raise UnreadableError(Problem(1, Code.NO_ROWS, "There is nothing below the header."))

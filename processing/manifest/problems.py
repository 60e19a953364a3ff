"""What can be wrong with a manifest, and how it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_KEPT: Final = 1_000
_SHOWN_CHARACTERS: Final = 80


class Severity(StrEnum):
    """Whether something has to be mended, or only to be known."""

    WARNING = "WARNING"
    ERROR = "ERROR"


class Code(StrEnum):
    """Every problem; those that begin with `W_` are warnings."""

    EMPTY_FILE = "EMPTY_FILE"
    NO_ROWS = "NO_ROWS"
    MISSING_COLUMN = "MISSING_COLUMN"
    DUPLICATE_COLUMN = "DUPLICATE_COLUMN"
    UNTERMINATED_QUOTE = "UNTERMINATED_QUOTE"
    ROW_TOO_LONG = "ROW_TOO_LONG"
    TOO_MANY_COLUMNS = "TOO_MANY_COLUMNS"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    TOO_MANY_IMAGES = "TOO_MANY_IMAGES"

    MISPLACED_QUOTE = "MISPLACED_QUOTE"
    INVALID_ENCODING = "INVALID_ENCODING"
    NUL_CHARACTER = "NUL_CHARACTER"
    SURPLUS_CELLS = "SURPLUS_CELLS"
    MISSING_VALUE = "MISSING_VALUE"
    VALUE_TOO_LONG = "VALUE_TOO_LONG"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    TOO_MANY_URLS = "TOO_MANY_URLS"
    NOT_A_URL = "NOT_A_URL"
    INVALID_URL = "INVALID_URL"
    URL_WITH_CREDENTIALS = "URL_WITH_CREDENTIALS"
    URL_TOO_LONG = "URL_TOO_LONG"

    W_RAGGED_MERGED = "W_RAGGED_MERGED"
    W_QUOTED_LINE = "W_QUOTED_LINE"
    W_UNKNOWN_COLUMN = "W_UNKNOWN_COLUMN"
    W_DUPLICATE_SERIAL_NUMBER = "W_DUPLICATE_SERIAL_NUMBER"


HINTS: Final = {
    Code.EMPTY_FILE: "Begin with the line `S. No.,Product Name,Input Image Urls`, then write one product a line.",
    Code.NO_ROWS: "Write one product a line below the header.",
    Code.MISSING_COLUMN: "Begin with the line `S. No.,Product Name,Input Image Urls`.",
    Code.DUPLICATE_COLUMN: "Rename or remove all of these columns but one.",
    Code.UNTERMINATED_QUOTE: "Add the closing quotation mark, or remove the one that opens the cell.",
    Code.ROW_TOO_LONG: "Put each product on a line of its own.",
    Code.TOO_MANY_COLUMNS: "Remove columns that are not needed.",
    Code.TOO_MANY_ROWS: "Split the file.",
    Code.TOO_MANY_IMAGES: "Split the file.",
    Code.MISPLACED_QUOTE: (
        'Write a quotation mark inside a quoted cell twice (""), and nothing between the closing one and the delimiter.'
    ),
    Code.INVALID_ENCODING: "Save the file as UTF-8 (in Excel: CSV UTF-8).",
    Code.NUL_CHARACTER: "Save the file as UTF-8 text.",
    Code.SURPLUS_CELLS: "Put quotation marks around a cell that contains the delimiter.",
    Code.MISSING_VALUE: "Fill the cell in, or remove the line.",
    Code.VALUE_TOO_LONG: "Shorten it.",
    Code.CONTROL_CHARACTER: "Remove line breaks, tabs and other control characters from the cell.",
    Code.TOO_MANY_URLS: "Spread the images over several rows.",
    Code.NOT_A_URL: "Write whole addresses that begin with http:// or https://, with commas between them.",
    Code.INVALID_URL: "Copy the address from a browser's address bar.",
    Code.URL_WITH_CREDENTIALS: "Remove the user and password, and make the image readable without them.",
    Code.URL_TOO_LONG: "Use a shorter address.",
    Code.W_RAGGED_MERGED: "Nothing is lost. Put quotation marks around cells that contain the delimiter.",
    Code.W_QUOTED_LINE: "Nothing is lost. Put quotation marks around cells, not around lines.",
    Code.W_UNKNOWN_COLUMN: "It is ignored. EXTENDED_CSV results repeat it, unless they have such a column themselves.",
    Code.W_DUPLICATE_SERIAL_NUMBER: "Both rows are used. Number them differently to tell their results apart.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` counts from 1, and is the one that the row begins on."""

    line: int
    code: Code
    message: str
    column: str | None = None

    @property
    def hint(self) -> str:
        """How to mend it."""
        return HINTS[self.code]

    @property
    def severity(self) -> Severity:
        """Errors keep a row out; warnings do not."""
        return Severity.WARNING if self.code.startswith("W_") else Severity.ERROR


class UnreadableError(Exception):
    """Nothing behind this can be read, or nothing that was read can be used. Never leaves the package."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


class Problems:
    """All problems, counted; the first MAX_KEPT of them, kept. No warning takes the place of an error."""

    def __init__(self) -> None:
        self.count = 0
        self.error_count = 0
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []

    def add(self, problems: Iterable[Problem]) -> None:
        """Counts them, and keeps what there is room for."""
        for problem in problems:
            is_error = problem.severity is Severity.ERROR
            self.count += 1
            self.error_count += is_error
            kept = self._errors if is_error else self._warnings
            if len(kept) < MAX_KEPT:
                kept.append(problem)

    @property
    def kept(self) -> list[Problem]:
        """In the order of their lines."""
        room = MAX_KEPT - len(self._errors)
        return sorted(self._errors + self._warnings[:room], key=lambda problem: problem.line)


def shown(text: str) -> str:
    """A client's text, short enough for a message."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"

"""The columns of a manifest and of its results, and which is which in a header."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from processing.manifest import formulas
from processing.manifest.problems import Code, Problem, UnreadableError, shown

SERIAL_NUMBER: Final = "S. No."
PRODUCT_NAME: Final = "Product Name"
INPUT_URLS: Final = "Input Image Urls"
REQUIRED: Final = (SERIAL_NUMBER, PRODUCT_NAME, INPUT_URLS)
RESULTS: Final = (*REQUIRED, "Output Image Urls")
EXTENDED_RESULTS: Final = (*RESULTS, "Status", "Failed Count", "Errors", "Bytes In", "Bytes Out", "Ratio")
MAX_COLUMNS: Final = 1_000

_ALIASES: Final = {
    SERIAL_NUMBER: ("S. No.", "S.No", "Sr No", "Serial Number", "Serial No", "#"),
    PRODUCT_NAME: ("Product Name", "Product", "SKU", "Name"),
    INPUT_URLS: ("Input Image Urls", "Input Image URL", "Image Urls", "Images", "Urls"),
}


def folded(heading: str) -> str:
    """The same for headings that differ in case, spaces and punctuation only."""
    return re.sub(r"[\W_]+", "", heading).casefold() or heading.strip()


_ROLES: Final = {folded(alias): role for role, aliases in _ALIASES.items() for alias in aliases}
_RESERVED: Final = {folded(heading) for heading in EXTENDED_RESULTS}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each cell of a row is.

    Attributes:
        headings: Of all columns, as they are written.
        extra: The columns that extended results repeat, as positions, ascending.
    """

    headings: tuple[str, ...]
    serial_number: int
    product_name: int
    input_urls: int
    extra: tuple[int, ...]

    @property
    def extra_headings(self) -> tuple[str, ...]:
        """Of the columns that extended results repeat."""
        return tuple(self.headings[column] for column in self.extra)


def recognised(cells: Sequence[str]) -> int:
    """How many of the required columns are among these."""
    return len({_ROLES[name] for name in map(folded, cells) if name in _ROLES})


def read(line: int, cells: Sequence[str]) -> tuple[Columns, list[Problem]]:
    """The columns, and warnings.

    Raises:
        UnreadableError: A required column is missing, two columns are the same, or there are too many.
    """
    headings = _headings(cells)
    if len(headings) > MAX_COLUMNS:
        message = f"There are {len(headings):,} columns; {MAX_COLUMNS:,} are allowed."
        raise UnreadableError(Problem(line, Code.TOO_MANY_COLUMNS, message))
    places = _places(headings)
    missing = [name for name in REQUIRED if name not in places]
    repeated = [[headings[at] for at in same] for same in places.values() if len(same) > 1]
    if missing or repeated:
        raise UnreadableError(
            *(_missing(line, name) for name in missing), *(_repeated(line, same) for same in repeated)
        )
    ours = serial_number, product_name, input_urls = [places[name][0] for name in REQUIRED]
    unknown = [at for at in range(len(headings)) if at not in ours]
    extra = tuple(at for at in unknown if folded(headings[at]) not in _RESERVED)
    found = Columns(headings, serial_number, product_name, input_urls, extra)
    return found, [_unknown(line, headings[at]) for at in unknown]


def _headings(cells: Sequence[str]) -> tuple[str, ...]:
    """Without the empty ones at the end: those are delimiters too many."""
    headings = [formulas.unguarded(cell.strip()) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def _places(headings: tuple[str, ...]) -> dict[str, list[int]]:
    """Where each column is, by its name here. A column without a heading is like no other."""
    places = defaultdict(list)
    for at, heading in enumerate(headings):
        if heading:
            places[_ROLES.get(folded(heading), folded(heading))].append(at)
    return places


def _missing(line: int, name: str) -> Problem:
    return Problem(line, Code.MISSING_COLUMN, f"There is no column `{name}`.", name)


def _repeated(line: int, headings: list[str]) -> Problem:
    named = " and ".join(f"`{shown(heading)}`" for heading in headings[:3])
    message = f"{len(headings):,} columns are the same: {named}."
    return Problem(line, Code.DUPLICATE_COLUMN, message, shown(headings[0]))


def _unknown(line: int, heading: str) -> Problem:
    return Problem(
        line, Code.W_UNKNOWN_COLUMN, f"The column `{shown(heading)}` is not known.", shown(heading)
    )

"""What separates the cells of a manifest: its first line may say so, else its header shows it. Data cells, full of
commas, are not asked.
"""

from __future__ import annotations

import re
from typing import Final

from processing.manifest import columns
from processing.manifest.problems import Problem, UnreadableError
from processing.manifest.records import Record, Records, unwrapped

DELIMITERS: Final = (",", ";", "\t", "|")

_DECLARATION: Final = re.compile(r"sep=([,;\t|])[ \t]*(\r|\n|\Z)", re.IGNORECASE)


def delimiter(text: str, *, is_last: bool) -> str:
    """The declared one, else the one with which most columns of the header are known.

    Args:
        text: The beginning of the manifest, with the whole header in it.
        is_last: Whether it is the whole manifest.
    """
    if declared := _DECLARATION.match(text):
        return declared[1]
    return max(DELIMITERS, key=lambda d: columns.recognised(_header(text, d, is_last=is_last)))


def is_declaration(record: Record) -> bool:
    """Whether it is the line, the first one, by which spreadsheet programs declare the delimiter."""
    return record.line == 1 and _DECLARATION.match(record.text) is not None


def _header(text: str, delimiter: str, *, is_last: bool) -> list[str]:
    """The cells of the first line that is not blank; none if it cannot be read with this delimiter."""
    try:
        for record in Records(delimiter).take(text, is_last=is_last):
            if isinstance(record, Problem):
                return []
            if not record.is_blank:
                return unwrapped(record.cells, delimiter) or record.cells
    except UnreadableError:
        pass
    return []

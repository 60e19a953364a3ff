"""Cells that a spreadsheet would run, written so that it does not, and read back as they were.

Source: OWASP, CSV Injection.
"""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
"""Apostrophes before it count: a text that begins like a guarded one is guarded, too, so that each is read back."""


def guarded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

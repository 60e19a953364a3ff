"""What a guard is, and how its absence is to be seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """A few words of the code that keep a row of the catalogue, what stands there without them, and the tests that see it.

    Attributes:
        rows: Ids of the catalogue, with spaces between them.
        what: What is taken out.
        file: Its path in the tree.
        text: Stands there exactly once.
        without: Stands there instead.
        tests: Files and node ids for pytest, as small as may be.
    """

    rows: str
    what: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]

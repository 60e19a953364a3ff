"""What a guard is, and what is expected to fail without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    rows: str  # "M13", or "W5 W4": ids of the catalogue
    what: str  # what is taken out, in a few words
    file: str  # path in the tree
    text: str  # stands there exactly once
    without: str  # what stands there instead
    tests: tuple[str, ...]  # pytest node ids or files, as small as possible

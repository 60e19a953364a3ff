"""What came in at the entrance since the process began, in plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class IntakeCounts:
    """Files of all ways in: uploads, staged ones, imports and replacements.

    Attributes:
        kept: New images.
        duplicates: Files whose owner had an image of the same bytes.
        replaced: Images that were given another original.
        size_bytes: Of all of these files.
        refused: Those of which nothing was kept, by the name of the error.
    """

    kept: int = 0
    duplicates: int = 0
    replaced: int = 0
    size_bytes: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def took_in(self, size_bytes: int, *, is_duplicate: bool) -> None:
        """One more file, which its owner has now or had before."""
        self.size_bytes += size_bytes
        if is_duplicate:
            self.duplicates += 1
        else:
            self.kept += 1

    def replaced_one(self, size_bytes: int) -> None:
        """One more file, in the place of another."""
        self.size_bytes += size_bytes
        self.replaced += 1

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Counts what ends the block."""
        try:
            yield
        except Exception as reason:
            self.refused[type(reason).__name__] += 1
            raise

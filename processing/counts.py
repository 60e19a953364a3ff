"""What came in at the entrance, and what was worked on, since the process began: in plain numbers."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from durations import Durations


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


@dataclass
class WorkCounts:
    """Attempts at work items, by the kind of work.

    Attributes:
        in_hand: Under way now.
        outcomes: How many ended how: `done`, `failed`, or `interrupted` by a stop.
        durations: Of those that ended by themselves.
        given_up: Items that will not be tried again.
        batch_images: Images of batches by what came of them, and of those that did not succeed by the reason.
    """

    in_hand: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    durations: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    given_up: Counter[str] = field(default_factory=Counter)
    batch_images: Counter[tuple[str, str]] = field(default_factory=Counter)

    @contextmanager
    def attempt(self, kind: str) -> Iterator[None]:
        """Counts the block as one."""
        begun = perf_counter()
        self.in_hand[kind] += 1
        outcome = "failed"
        try:
            yield
            outcome = "done"
        except asyncio.CancelledError:
            outcome = "interrupted"
            raise
        finally:
            self.in_hand[kind] -= 1
            self.outcomes[kind, outcome] += 1
            if outcome != "interrupted":
                self.durations[kind].add(perf_counter() - begun)

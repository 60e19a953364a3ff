"""What became of files, told to people and to programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from cli import terminal
from cli.terminal import Column
from client.generated import ImageFields, ImageState

MOST_SHOWN: Final = 20
"""On a terminal; a longer table would carry off what was said of failures."""

COLUMNS: Final = (Column("File"), Column("State", width=8, is_state=True), Column("Id", width=40))


@dataclass(frozen=True)
class Outcome:
    """What became of a file; without an image, or with one that failed, there is a message that says why."""

    file: Path
    image: ImageFields | None = None
    is_duplicate: bool = False
    code: str | None = None
    message: str | None = None

    @classmethod
    def of(cls, file: Path, image: ImageFields | None, *, is_duplicate: bool) -> Outcome:
        """Of an image as it is at last; None was deleted meanwhile."""
        if image is None:
            return cls(file, code="NOT_FOUND", message="it was deleted meanwhile")
        if image.failure:
            return cls(file, image, is_duplicate, image.failure.code, image.failure.message)
        return cls(file, image, is_duplicate)

    @property
    def is_well(self) -> bool:
        """Whether nothing is left to look at."""
        return self.message is None

    def told(self) -> dict[str, Any]:
        """For programs."""
        error = None if self.is_well else {"code": self.code, "message": self.message}
        image = self.image
        return {
            "file": str(self.file),
            "id": image.id if image else None,
            "state": image.state.value if image else None,
            "duplicate": self.is_duplicate,
            "error": error,
        }


def show(outcomes: Sequence[Outcome], unsent: int, *, as_json: bool) -> None:
    """Prints them, in their order, and how many of each kind there are."""
    uploaded = [each for each in outcomes if each.image and not each.is_duplicate]
    duplicates = sum(each.is_duplicate for each in outcomes)
    failed = sum(not each.is_well for each in outcomes)
    if as_json:
        counts = {"uploaded": len(uploaded), "duplicates": duplicates, "failed": failed, "unsent": unsent}
        terminal.print_json({**counts, "files": [each.told() for each in outcomes]})
        return
    _print_table([each for each in outcomes if each.image])
    size_bytes = sum(each.image.size_bytes for each in uploaded if each.image)
    parts = [
        f"{len(uploaded):,} uploaded ({terminal.amount(size_bytes)})",
        f"{duplicates:,} there already" if duplicates else "",
        f"{failed:,} failed" if failed else "",
        f"{unsent:,} not sent" if unsent else "",
    ]
    terminal.say(", ".join(part for part in parts if part))


def _print_table(outcomes: Sequence[Outcome]) -> None:
    rows = [(str(each.file), _state(each.image), each.image.id) for each in outcomes if each.image]
    if rows and (len(rows) <= MOST_SHOWN or not Console().is_terminal):
        terminal.print_table(COLUMNS, rows)


def _state(image: ImageFields) -> str:
    return "uploaded" if image.state is ImageState.PROCESSING else image.state.lower()

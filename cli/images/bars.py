"""How far uploads are: a bar for the bytes, one for what is developed, and a line above them for each failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli import terminal
from cli.images.outcome import Outcome

COLUMNS: Final = (
    TextColumn("{task.description}"),
    BarColumn(bar_width=None),
    TextColumn("{task.fields[said]}"),
    TimeRemainingColumn(compact=True),
)


class Bars:
    """On a terminal, if there is one; failures are told anywhere.

    Args:
        files: In whose bytes the upload is measured.
        watch: Whether there is a bar for development, too.
    """

    def __init__(self, files: Sequence[Path], *, watch: bool) -> None:
        console = Console(stderr=True)
        self._sizes = {file: _size_bytes(file) for file in files}
        self._counted = dict.fromkeys(files, 0)
        self._sent_count = self._ended_count = 0
        self._progress = Progress(
            *COLUMNS, console=console, transient=True, expand=True, disable=not console.is_terminal
        )
        total_bytes = sum(self._sizes.values())
        self._sending = self._progress.add_task("Uploading", total=total_bytes, said="")
        self._developing = self._progress.add_task("Developing", total=len(files), said="") if watch else None

    @contextmanager
    def shown(self) -> Iterator[Bars]:
        """While the uploads go on."""
        with self._progress:
            self._tell()
            yield self

    def counting(self, file: Path) -> Callable[[int], None]:
        """What is told how many bytes of a file are on their way; in any thread."""

        def count(size_bytes: int) -> None:
            self._progress.advance(self._sending, size_bytes - self._counted[file])
            self._counted[file] = size_bytes

        return count

    def sent(self, file: Path) -> None:
        """A file is through, however much of it was wanted."""
        self.counting(file)(self._sizes[file])
        self._sent_count += 1
        self._tell()

    def end(self, outcome: Outcome) -> None:
        """It is known what became of a file."""
        self._ended_count += 1
        if not outcome.is_well:
            self.fail(outcome)
        self._tell()

    def fail(self, outcome: Outcome) -> None:
        """A line."""
        terminal.say(f"{outcome.file}: {outcome.message}")

    def _tell(self) -> None:
        total = len(self._sizes)
        self._progress.update(self._sending, said=f"{self._sent_count:,} of {total:,} files")
        if self._developing is not None:
            said = f"{self._ended_count:,} of {total:,} files"
            self._progress.update(self._developing, completed=self._ended_count, said=said)


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0

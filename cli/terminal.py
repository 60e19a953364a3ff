"""What a command says: its outcome, for people or for programs, and beside it how far it is and what went wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

INTERRUPTED: Final = 130
KIB: Final = 1024
INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"
STYLES: Final = {"ready": "green", "failed": "red", "error": "red", "warning": "yellow"}
"""How a state looks."""


@dataclass(frozen=True)
class Column:
    """A column of a table on a terminal.

    Attributes:
        width: In characters; None: as much as is needed and left.
        share: Of what is left, in place of a width; what does not fit is cut off, so that every part of a long table
            looks alike.
        is_state: Whether its cells are words that have a colour.
    """

    heading: str
    width: int | None = None
    share: int | None = None
    align: Literal["left", "right"] = "left"
    is_state: bool = False


def say(text: str) -> None:
    """Tells whoever runs the command, beside the outcome."""
    print(f"darkroom: {plain(text)}", file=sys.stderr)


def plain(text: str) -> str:
    """On one line, and without what would move a cursor or could not be written: names of files may hold anything."""
    return "".join(each if each.isprintable() else " " if each.isspace() else INSTEAD for each in text)


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on the terminal, if there is one; call what it gives for each step."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def print_outcome(outcome: dict[str, Any], rows: list[tuple[str, str]], *, as_json: bool) -> None:
    """For programs as it is, for people as a table."""
    if as_json:
        print_json(outcome)
        return
    table = Table(box=box.SIMPLE, show_header=False)
    for name, said in rows:
        table.add_row(name, escape(said))
    Console().print(table)


def print_json(outcome: object) -> None:
    """For programs."""
    print(json.dumps(outcome, indent=2))


def print_table(columns: tuple[Column, ...], rows: Iterable[tuple[str, ...]], *, headed: bool = True) -> None:
    """Rows for people; where there is no terminal a line for each, with tabs between its cells and nothing cut off."""
    console = Console()
    if not console.is_terminal:
        print_lines(rows)
        return
    expand = any(column.share for column in columns)
    table = Table(box=None, show_header=headed, expand=expand, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(
            column.heading,
            width=column.width,
            ratio=column.share,
            justify=column.align,
            no_wrap=bool(column.width or column.share),
        )
    for row in rows:
        table.add_row(*(_shown(column, cell) for column, cell in zip(columns, row, strict=True)))
    console.print(table)


def print_lines(rows: Iterable[tuple[str, ...]]) -> None:
    """A line for each row, with tabs between its cells."""
    for row in rows:
        print("\t".join(plain(cell) for cell in row))


def _shown(column: Column, cell: str) -> Text:
    return Text(plain(cell), style=STYLES.get(cell, "") if column.is_state else "")


def counted(count: int, noun: str) -> str:
    """For people: `1 row`, `2,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def amount(size_bytes: int) -> str:
    """For people: `1.5 MiB`."""
    size = float(size_bytes)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if abs(size) < KIB:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= KIB
    return f"{size:,.1f} TiB"

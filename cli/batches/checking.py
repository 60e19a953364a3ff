"""`darkroom batch check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import remote, terminal
from cli.account import Account
from client import Darkroom, RefusedError
from client.generated import CheckManifestCheckManifestCheckManifestPayload as Checked
from client.generated import ProblemFields, ProblemSeverity

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def check(account: Account, manifest: Path, *, as_json: bool) -> int:
    """The exit status."""

    async def work(darkroom: Darkroom) -> int:
        try:
            checked = await darkroom.check(manifest)
        except RefusedError as refusal:
            if refusal.answer is None:
                raise
            return _unreadable(refusal, as_json=as_json)
        return _told(checked, as_json=as_json)

    return remote.run(account, work)


def _unreadable(refusal: RefusedError, *, as_json: bool) -> int:
    """Of a file that is no manifest at all."""
    if as_json:
        terminal.print_json({"error": {"code": refusal.code, "message": str(refusal)}})
    else:
        terminal.say(str(refusal))
    return 1


def _told(checked: Checked, *, as_json: bool) -> int:
    if as_json:
        terminal.print_json(checked.model_dump(mode="json", by_alias=True, exclude={"typename__"}))
    else:
        _print_problems(checked.problems)
        terminal.say(_summary(checked))
    return 1 if any(problem.severity is ProblemSeverity.ERROR for problem in checked.problems) else 0


def _print_problems(problems: Sequence[ProblemFields]) -> None:
    """A table, or a line for each where there is no terminal."""
    console = Console()
    if not console.is_terminal:
        terminal.print_lines(_line(problem) for problem in problems)
    elif problems:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 1, 0))
        table.add_column("Line", justify="right")
        table.add_column("Column and code", no_wrap=True)
        table.add_column("What is wrong, and how it is mended")
        for problem in problems:
            where = Text.assemble(problem.column or "", "\n" if problem.column else "", _code(problem))
            what = Text.assemble(terminal.plain(problem.message), "\n", (problem.hint or "", "dim"))
            table.add_row(str(problem.line), where, what)
        console.print(table)


def _code(problem: ProblemFields) -> tuple[str, str]:
    return problem.code, terminal.STYLES[problem.severity.lower()]


def _line(problem: ProblemFields) -> tuple[str, ...]:
    severity = problem.severity.lower()
    return (
        str(problem.line),
        severity,
        problem.column or "",
        problem.code,
        problem.message,
        problem.hint or "",
    )


def _summary(checked: Checked) -> str:
    """No warning takes the place of an error among the problems that are told."""
    told, between = len(checked.problems), DELIMITERS.get(checked.delimiter, repr(checked.delimiter))
    first = f", of which these are the first {told:,}" if checked.problem_count > told else ""
    wrong = (
        terminal.counted(checked.problem_count, "problem") if checked.problem_count else "nothing is wrong"
    )
    rows, images = terminal.counted(checked.row_count, "row"), terminal.counted(checked.image_count, "image")
    sound = (
        f"{rows} with {images}" if not checked.problem_count else f"{rows}, {images} in those without errors"
    )
    return f"{wrong}{first}; {sound}; {checked.encoding} with {between} between cells"

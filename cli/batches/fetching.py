"""`darkroom batch results`."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli import remote, terminal
from cli.account import Account
from cli.options import check_place, one_of, refuse
from client import Darkroom
from client.generated import BatchState, CountFields, ResultFormat

STANDARD_OUTPUT: Final = Path("-")
ENDINGS: Final = {
    ResultFormat.CSV: "results.csv",
    ResultFormat.EXTENDED_CSV: "results.extended.csv",
    ResultFormat.JSONL: "results.jsonl",
}
ENDED: Final = {
    BatchState.COMPLETED,
    BatchState.COMPLETED_WITH_ERRORS,
    BatchState.FAILED,
    BatchState.CANCELLED,
}


@dataclass(frozen=True)
class Wanted:
    """Which results, and where they go; None: to a file that is called as the manifest is."""

    batch_id: str
    format_name: str
    output: Path | None

    @property
    def result_format(self) -> ResultFormat:
        """Raises `typer.BadParameter` if there is none of this name."""
        return one_of(ResultFormat, "--format", self.format_name)


def beside(manifest_name: str, result_format: ResultFormat = ResultFormat.CSV) -> Path:
    """Where results go unless it is said otherwise: into the folder where the command runs."""
    return Path(f"{Path(manifest_name).stem}.{ENDINGS[result_format]}")


def fetch(account: Account, wanted: Wanted, *, as_json: bool) -> int:
    """The exit status."""
    result_format = wanted.result_format
    if wanted.output == STANDARD_OUTPUT:
        if as_json:
            raise refuse("--json", "standard output takes the results or the outcome, not both")
    elif wanted.output:
        check_place("--output", wanted.output)

    async def work(darkroom: Darkroom) -> int:
        result = await darkroom.batch_result(wanted.batch_id, result_format)
        has_ended = result.state in ENDED
        if wanted.output == STANDARD_OUTPUT:
            await _print(darkroom, result.result_url)
        else:
            file = wanted.output or beside(result.manifest_name, result_format)
            await darkroom.save(result.result_url, file)
            outcome = {"id": wanted.batch_id, "state": result.state.value, "results": str(file)}
            rows = [("state", result.state.lower().replace("_", " ")), ("results", str(file))]
            terminal.print_outcome(outcome, rows, as_json=as_json)
        if not has_ended:
            terminal.say(f"the batch is still at work: {_left(result.counts)} are to come")
        return 0 if has_ended else 1

    return remote.run(account, work)


async def _print(darkroom: Darkroom, url: str) -> None:
    async with aclosing(darkroom.pieces(url)) as pieces:
        async for piece in pieces:
            sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def _left(counts: CountFields) -> str:
    return f"{counts.pending + counts.running:,} of {counts.total:,} images"

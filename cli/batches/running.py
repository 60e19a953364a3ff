"""`darkroom batch submit` and `darkroom batch watch`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic.main import IncEx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import remote, terminal
from cli.account import Account
from cli.batches import fetching
from cli.batches.submission import Submission
from cli.options import check_place
from client import Darkroom
from client.generated import BatchFields, BatchProgressBatchProgress, BatchState

TOLD: Final[dict[str, IncEx | bool]] = {
    "id": True,
    "state": True,
    "manifest_name": True,
    "bytes_in": True,
    "bytes_out": True,
    "result_url": True,
    "counts": {"total", "succeeded", "failed", "cancelled"},
}
"""What of a batch is printed for programs."""

COLUMNS: Final = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TextColumn("{task.fields[said]}"),
)


def submit(
    account: Account, submission: Submission, *, watch: bool, results: Path | None, as_json: bool
) -> int:
    """The exit status."""
    manifest = submission.manifest
    file = results or manifest.parent / fetching.beside(manifest.name)
    if watch:
        check_place("--results", file)

    async def work(darkroom: Darkroom) -> int:
        batch = await submission.send(darkroom)
        if watch:
            terminal.say(f"batch {batch.id} has begun; if this ends: darkroom batch watch {batch.id}")
            with remote.begun(account.url):
                return await _watched(darkroom, batch.id, file, as_json=as_json)
        total = batch.counts.total
        terminal.print_outcome(
            {"id": batch.id, "total": total}, [("batch", batch.id), ("images", str(total))], as_json=as_json
        )
        return 0

    return remote.run(account, work, lambda: "stopped; if a batch has begun, it goes on")


def watch(account: Account, batch_id: str, *, results: Path | None, as_json: bool) -> int:
    """The exit status."""
    if results:
        check_place("--results", results)

    async def work(darkroom: Darkroom) -> int:
        return await _watched(darkroom, batch_id, results, as_json=as_json)

    return remote.run(account, work, lambda: "stopped; the batch goes on")


async def _watched(darkroom: Darkroom, batch_id: str, results: Path | None, *, as_json: bool) -> int:
    async with aclosing(darkroom.watch_batch(batch_id)) as events:
        await _shown(events)
    batch = await darkroom.batch(batch_id)
    file = results or fetching.beside(batch.manifest_name)
    await darkroom.save(batch.result_url, file)
    told = batch.model_dump(mode="json", by_alias=True, include=TOLD)
    terminal.print_outcome({**told, "results": str(file)}, _rows(batch, file), as_json=as_json)
    return 0 if batch.state is BatchState.COMPLETED else 1


async def _shown(events: AsyncIterator[BatchProgressBatchProgress]) -> None:
    """A bar on the terminal, if there is one."""
    console = Console(stderr=True)
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Images", total=None, said="")
        async for event in events:
            counts = event.counts
            ended = counts.succeeded + counts.failed + counts.cancelled
            bar.update(task, completed=ended, total=counts.total, said=_said(event))


def _said(event: BatchProgressBatchProgress) -> str:
    failed, left = event.counts.failed, event.eta_seconds
    parts = [
        event.state.lower().replace("_", " "),
        f"{failed} failed" if failed else "",
        f"{timedelta(seconds=left)} left" if left is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def _rows(batch: BatchFields, file: Path) -> list[tuple[str, str]]:
    counts, before, after = batch.counts, int(batch.bytes_in), int(batch.bytes_out)
    smaller = f" ({1 - after / before:.0%} smaller)" if before else ""
    return [
        ("batch", batch.id),
        ("state", batch.state.lower().replace("_", " ")),
        ("images", f"{counts.succeeded} of {counts.total} compressed, {counts.failed} failed"),
        ("bytes", f"{terminal.amount(before)} became {terminal.amount(after)}{smaller}"),
        ("results", str(file)),
    ]

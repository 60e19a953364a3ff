"""What the commands do, from the first request to the exit status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic.main import IncEx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import session
from cli.batches.account import Account
from cli.batches.submission import Submission
from client import Darkroom, RefusedError, UnreachableError
from client.generated import BatchFields, BatchProgressBatchProgress, BatchState

NOT_BEGUN: Final = 2
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
    url: str, account: Account, submission: Submission, *, watch: bool, results: Path | None, as_json: bool
) -> int:
    """The exit status."""
    name = submission.manifest
    beside = results or name.with_name(f"{name.stem}.results.csv")

    async def work(darkroom: Darkroom) -> int:
        batch = await submission.send(darkroom)
        if watch:
            session.say(f"batch {batch.id} has begun; if this ends: darkroom batch watch {batch.id}")
            return await _watched(darkroom, batch.id, beside, as_json=as_json)
        total = batch.counts.total
        session.print_outcome(
            {"id": batch.id, "total": total}, [("batch", batch.id), ("images", str(total))], as_json=as_json
        )
        return 0

    return _run(url, account, work)


def watch(url: str, account: Account, batch_id: str, *, results: Path | None, as_json: bool) -> int:
    """The exit status."""
    return _run(url, account, lambda darkroom: _watched(darkroom, batch_id, results, as_json=as_json))


def _run(url: str, account: Account, work: Callable[[Darkroom], Awaitable[int]]) -> int:
    async def run() -> int:
        async with account.at(url) as darkroom:
            return await work(darkroom)

    try:
        return asyncio.run(run())
    except RefusedError as refusal:
        session.say(str(refusal))
    except UnreachableError as error:
        session.say(f"{url} does not answer ({error})")
    except KeyboardInterrupt:
        session.say("stopped; the batch goes on")
        return session.INTERRUPTED
    return NOT_BEGUN


async def _watched(darkroom: Darkroom, batch_id: str, results: Path | None, *, as_json: bool) -> int:
    async with aclosing(darkroom.watch_batch(batch_id)) as events:
        await _shown(events)
    batch = await darkroom.batch(batch_id)
    file = results or Path(f"{Path(batch.manifest_name).stem}.results.csv")
    await darkroom.save(batch.result_url, file)
    told = batch.model_dump(mode="json", by_alias=True, include=TOLD)
    session.print_outcome({**told, "results": str(file)}, _rows(batch, file), as_json=as_json)
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
        ("bytes", f"{session.amount(before)} became {session.amount(after)}{smaller}"),
        ("results", str(file)),
    ]

"""What the commands do, from the first request to the exit status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import session
from cli.batches import watching
from cli.batches.account import Account
from cli.batches.service import RefusedError, Service, connected
from cli.batches.submission import Submission
from cli.batches.watching import Event

NOT_BEGUN: Final = 2
OUTCOME: Final = """
query ($id: ID!) {
  batch(id: $id) {
    id state manifestName bytesIn bytesOut resultUrl(format: CSV) counts { total succeeded failed cancelled }
  }
}
"""
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

    async def work(service: Service) -> int:
        batch = await submission.send(service)
        if watch:
            session.say(f"batch {batch['id']} has begun; if this ends: darkroom batch watch {batch['id']}")
            return await _watched(service, batch["id"], beside, as_json=as_json)
        total = batch["counts"]["total"]
        session.print_outcome(
            {"id": batch["id"], "total": total},
            [("batch", batch["id"]), ("images", str(total))],
            as_json=as_json,
        )
        return 0

    return _run(url, account, work)


def watch(url: str, account: Account, batch_id: str, *, results: Path | None, as_json: bool) -> int:
    """The exit status."""
    return _run(url, account, lambda service: _watched(service, batch_id, results, as_json=as_json))


def _run(url: str, account: Account, work: Callable[[Service], Awaitable[int]]) -> int:
    async def run() -> int:
        async with connected(url, account) as service:
            if account.can_sign_in:
                await service.sign_in()
            return await work(service)

    try:
        return asyncio.run(run())
    except RefusedError as refusal:
        session.say(str(refusal))
    except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        session.say(f"{url} does not answer ({error or type(error).__name__})")
    except KeyboardInterrupt:
        session.say("stopped; the batch goes on")
        return session.INTERRUPTED
    return NOT_BEGUN


async def _watched(service: Service, batch_id: str, results: Path | None, *, as_json: bool) -> int:
    async with aclosing(watching.events(service, batch_id)) as events:
        await _shown(events)
    batch = (await service.ask(OUTCOME, id=batch_id))["batch"]
    if batch is None:
        raise RefusedError("the batch was deleted")
    file = results or Path(f"{Path(batch['manifestName']).stem}.results.csv")
    await service.download(batch["resultUrl"], file)
    session.print_outcome({**batch, "results": str(file)}, _rows(batch, file), as_json=as_json)
    return 0 if batch["state"] == "COMPLETED" else 1


async def _shown(events: AsyncIterator[Event]) -> None:
    """A bar on the terminal, if there is one."""
    console = Console(stderr=True)
    with Progress(*COLUMNS, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Images", total=None, said="")
        async for event in events:
            counts = event["counts"]
            ended = counts["succeeded"] + counts["failed"] + counts["cancelled"]
            bar.update(task, completed=ended, total=counts["total"], said=_said(event))


def _said(event: Event) -> str:
    failed, left = event["counts"]["failed"], event["etaSeconds"]
    parts = [
        event["state"].lower().replace("_", " "),
        f"{failed} failed" if failed else "",
        f"{timedelta(seconds=left)} left" if left is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def _rows(batch: dict[str, Any], file: Path) -> list[tuple[str, str]]:
    counts, before, after = batch["counts"], int(batch["bytesIn"]), int(batch["bytesOut"])
    smaller = f" ({1 - after / before:.0%} smaller)" if before else ""
    return [
        ("batch", batch["id"]),
        ("state", batch["state"].lower().replace("_", " ")),
        ("images", f"{counts['succeeded']} of {counts['total']} compressed, {counts['failed']} failed"),
        ("bytes", f"{session.amount(before)} became {session.amount(after)}{smaller}"),
        ("results", str(file)),
    ]

"""What a command works with: the settings, MongoDB, storage, and a bar that shows how far it is."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import typer
from pymongo.errors import ConnectionFailure, PyMongoError
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import embedded
import logs
import resources
from errors import ConfigurationError, DarkroomError
from providers import Database
from resources import Resources
from settings import Settings

INTERRUPTED = 130
KIB = 1024


@dataclass(frozen=True)
class Session:
    """What is open while a command runs."""

    settings: Settings
    resources: Resources

    @property
    def database(self) -> Database:
        """The service's."""
        return self.resources.client[self.settings.mongodb_database]


def run(work: Callable[[Session], Awaitable[int]]) -> int:
    """Does the work with what the settings choose.

    Returns:
        The exit status: what `work` returns, or 1 if MongoDB or a provider failed, which is said in one line.
    """
    try:
        return asyncio.run(_run(work))
    except ConfigurationError:
        raise
    except DarkroomError as error:
        say(str(error) or type(error).__name__)
        return 1
    except ConnectionFailure as error:
        reason, *_ = str(error).partition(" (configured timeouts")
        say(f"MongoDB does not answer ({reason})")
        return 1
    except PyMongoError as error:
        say(f"MongoDB: {error}")
        return 1
    except KeyboardInterrupt:
        say("stopped; start it again to go on")
        return INTERRUPTED


async def _run(work: Callable[[Session], Awaitable[int]]) -> int:
    async with _opened() as session:
        return await work(session)


@asynccontextmanager
async def _opened() -> AsyncIterator[Session]:
    settings = _with_mongodb(Settings.load())
    logs.configure(as_json=settings.environment == "production")
    logging.getLogger().setLevel(logging.WARNING)  # the outcome says the rest
    opened = await resources.open_all(settings)
    try:
        yield Session(settings, opened)
    finally:
        await opened.close()


def _with_mongodb(settings: Settings) -> Settings:
    """The settings, with the MongoDB that `darkroom run` has started if they name none."""
    if settings.mongodb_uri:
        return settings
    data = settings.data_dir / "mongodb"
    uri = embedded.running(data)
    if uri is None:
        raise ConfigurationError(
            f"MONGODB_URI: found nothing, and no `darkroom run` at work on {data.resolve()}; start it, or set MONGODB_URI"
        )
    return settings.model_copy(update={"mongodb_uri": uri})


def say(text: str) -> None:
    """Tells the operator, beside the outcome."""
    print(f"darkroom: {text}", file=sys.stderr)


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
        import json  # noqa: PLC0415 - for programs only

        print(json.dumps(outcome, indent=2))
        return
    table = Table(box=box.SIMPLE, show_header=False)
    for name, said in rows:
        table.add_row(name, escape(said))
    Console().print(table)


def amount(size_bytes: int) -> str:
    """For people: `1.5 MiB`."""
    size = float(size_bytes)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if abs(size) < KIB:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= KIB
    return f"{size:,.1f} TiB"


def refuse(option: str, text: str) -> typer.BadParameter:
    """To be raised: what is wrong with an option, which ends the command with exit status 2."""
    return typer.BadParameter(text, param_hint=option)

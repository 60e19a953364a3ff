"""`darkroom run`: MongoDB, the API and a worker on one machine, started together and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.markup import escape

import embedded
from errors import ConfigurationError
from settings import ANY_ADDRESS, Settings

READY_SECONDS: Final = 60
WRONG_SETTING: Final = 2
"""The exit status of a command that could not use a setting, and has said so."""

POLL_SECONDS: Final = 0.05
PLAYGROUND: Final = "/graphql"

AT_HOME: Final = {"gridfs", "filesystem"}
"""Where bytes lie with the documents or in DATA_DIR."""

SERVICES: Final = {"the API": "serve", "the worker": "worker"}
"""What we call a service before the operator, and the command that runs it."""

Process = asyncio.subprocess.Process


@dataclass(frozen=True)
class Child:
    """A process that belongs to us, and what we call it before the operator."""

    name: str
    process: Process


async def run(settings: Settings) -> int:
    """Start everything, say where it is, and end it on Ctrl-C, SIGTERM, or when a part of it dies.

    The API and the worker are ended first, MongoDB last. A second Ctrl-C kills what has not ended yet.

    Returns:
        The exit status: 0 when the operator ended it, 1 when a part died or was not ready in time, 2 when one could not
        use a setting, which it has said itself.

    Raises:
        ConfigurationError: When the port is busy or MongoDB does not start; nothing is left running then.
    """
    refuse_busy_port(settings)
    _cancel_on_signals()
    status = 0
    with contextlib.suppress(asyncio.CancelledError):
        async with _database(settings) as (uri, database), _services(settings, uri) as services:
            status, trouble = await _watch(settings, database + services)
            if trouble:
                Console(stderr=True).print(f"darkroom: {trouble}", highlight=False, soft_wrap=True)
    return status


def refuse_busy_port(settings: Settings) -> None:
    """Find out before anything is started.

    Raises:
        ConfigurationError: When the API could not listen on HOST and PORT.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: TIME_WAIT is not busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            probe.listen()
        except socket.gaierror as error:
            raise ConfigurationError(
                f"HOST: found {settings.host!r}, wanted an address of this machine"
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"PORT: found {settings.port} on {settings.host} taken ({error.strerror}); choose another, such as PORT={settings.port + 1}"
            ) from error


def _cancel_on_signals() -> None:
    """Let the signals that end a program unwind this task, so that each `async with` ends what it started."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs is in a task
    wanted = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        wanted.add(signal.SIGHUP)
    for number in wanted:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[tuple[str, list[Child]]]:
    """The address of the operator's MongoDB, or of one of our own and its process."""
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri, []
        return
    async with embedded.mongod(settings.data_dir / "mongodb") as server:
        yield server.uri, [Child("MongoDB", server.process)]


@contextlib.asynccontextmanager
async def _services(settings: Settings, mongodb_uri: str) -> AsyncIterator[list[Child]]:
    """The API and the worker; both are ended together, each within the grace."""
    environment = os.environ | {"MONGODB_URI": mongodb_uri}
    children: list[Child] = []
    try:
        for name, command in SERVICES.items():
            # -P: a `cli` in the folder where the operator stands is not ours.
            words = [sys.executable, "-P", "-m", "cli", command]
            process = await embedded.start(words, when_parent_dies=signal.SIGKILL, env=environment)
            children.append(Child(name, process))
        yield children
    finally:
        await asyncio.gather(
            *(embedded.end(child.process, settings.shutdown_grace_seconds) for child in children)
        )


async def _watch(settings: Settings, children: list[Child]) -> tuple[int, str]:
    """Greet the operator once the API is ready, then wait; returns the exit status and what went wrong."""
    died = asyncio.create_task(_first_to_die(children))
    ready = asyncio.create_task(_ready(settings))
    try:
        await asyncio.wait({died, ready}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not died.done():
            if not ready.done():
                return 1, f"the API is not ready after {READY_SECONDS} seconds"
            _greet(settings)
        return await died
    finally:
        died.cancel()
        ready.cancel()


async def _first_to_die(children: list[Child]) -> tuple[int, str]:
    ends = {asyncio.create_task(child.process.wait()): child.name for child in children}
    done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop()
    if first.result() == WRONG_SETTING:
        return WRONG_SETTING, ""
    return 1, f"{ends[first]} has ended by itself (exit status {first.result()}), so everything ends"


async def _ready(settings: Settings) -> None:
    host = ANY_ADDRESS.get(settings.host, settings.host)
    while not await _says_ready(host, settings.port):  # noqa: ASYNC110 - another process
        await asyncio.sleep(POLL_SECONDS)


async def _says_ready(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False
    finally:
        writer.close()


def _greet(settings: Settings) -> None:
    here = settings.mongodb_uri is None or settings.storage == "filesystem"
    places = [
        "in your MongoDB" if settings.mongodb_uri else "",
        str(settings.data_dir.resolve()) if here else "",
        settings.storage if settings.storage not in AT_HOME else "",
    ]
    data = " and ".join(filter(None, places))
    console = Console(highlight=False, soft_wrap=True)
    console.print("\n[bold]Darkroom is ready.[/bold]\n")
    address = "GraphQL   " if settings.trusted_documents else "Playground"  # which is closed then
    if not settings.trusted_documents:
        console.print(f"  Your photos  [link]{settings.public_url}/[/link]")
    console.print(f"  {address}   [link]{settings.public_url}{PLAYGROUND}[/link]")
    console.print(f"  Your data    {escape(data)}")
    console.print("  To end       Ctrl-C\n")

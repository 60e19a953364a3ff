"""The `darkroom` command. Imports wait inside the commands, so that `--help` is quick."""

# ruff: noqa: PLC0415 - as above

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Annotated, Final

import typer

from cli import adopt, upkeep
from cli.batches import commands as batches
from cli.images import commands as images
from errors import ConfigurationError

EXAMPLES: Final = """
A GraphQL image backend. Settings come from the environment and from `.env`; the README lists them.

Examples:

  PORT=9000 DATA_DIR=~/pictures darkroom run

  MONGODB_URI=mongodb://db/?replicaSet=rs0 darkroom serve

  darkroom doctor --json

  darkroom reconcile --dry-run

  darkroom adopt gridfs --bucket photos --owner ann@example.com

  darkroom upload ~/Pictures --email ann@example.com --watch

  darkroom batch submit products.csv --email ann@example.com --watch
"""

RUN: Final = """
Start MongoDB (unless MONGODB_URI is set), the API and a worker; Ctrl-C ends them all.

Examples:

  darkroom run

  PORT=9000 DATA_DIR=~/pictures darkroom run
"""

SERVE: Final = """
Start the API alone. Needs MONGODB_URI.

Examples:

  MONGODB_URI=mongodb://db/?replicaSet=rs0 darkroom serve
"""

WORKER: Final = """
Start a worker alone, which develops pictures until it is told to stop. Needs MONGODB_URI.

Examples:

  MONGODB_URI=mongodb://db/?replicaSet=rs0 darkroom worker
"""

DOCTOR: Final = """
Say what is configured, what is reachable and what is wrong; the exit status is 1 when something is.

Examples:

  darkroom doctor

  darkroom doctor --json
"""

SCHEMA: Final = """
Print the schema of the API of this release. Needs no service and no settings.

Examples:

  darkroom schema > schema.graphql

  darkroom schema --json > schema.json
"""

commands = typer.Typer(name="darkroom", help=EXAMPLES, no_args_is_help=True, add_completion=False)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    from importlib import metadata

    if wanted:
        print(f"darkroom {metadata.version('darkroom')}")
        raise typer.Exit


@commands.callback()
def darkroom(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read what comes before a command."""


@commands.command(help=RUN)
def run() -> None:
    """Run `darkroom run`."""
    import launch
    from settings import Settings

    raise typer.Exit(asyncio.run(launch.run(Settings.load())))


@commands.command(help=SERVE)
def serve() -> None:
    """Run `darkroom serve`."""
    import uvloop

    import app as service
    import launch
    from settings import Settings

    settings = Settings.load()
    launch.refuse_busy_port(settings)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again, after an orderly end
        uvloop.run(service.main(settings))


@commands.command(help=WORKER)
def worker() -> None:
    """Run `darkroom worker`."""
    import uvloop

    import worker as service
    from settings import Settings

    uvloop.run(service.main(Settings.load()))


@commands.command(help=DOCTOR)
def doctor(
    *, json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
) -> None:
    """Run `darkroom doctor`."""
    from cli import examination

    findings = examination.examine()
    if json:
        examination.print_json(findings)
    else:
        examination.print_table(findings)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@commands.command("schema", help=SCHEMA)
def schema_(
    *,
    json: Annotated[
        bool, typer.Option("--json", help="Print what an introspection answers, as some tools want it.")
    ] = False,
) -> None:
    """Run `darkroom schema`."""
    from graphql import build_schema, introspection_from_schema

    from cli import terminal
    from schema import schema

    sdl = schema.as_str()
    if json:
        terminal.print_json({"data": introspection_from_schema(build_schema(sdl))})
    else:
        print(sdl)


upkeep.add_to(commands)
adopt.add_to(commands)
images.add_to(commands)
batches.add_to(commands)


def main() -> None:
    """Run the command; a wrong setting is one line and exit status 2."""
    try:
        commands(prog_name="darkroom")
    except ConfigurationError as error:
        print(f"darkroom: {error}", file=sys.stderr)
        sys.exit(2)

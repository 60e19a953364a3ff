"""`darkroom upload` and `darkroom images`: the commands, their options and their help."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.account import DEFAULT_URL, WHO, Account, Email, Password, Token, Url
from cli.options import AsJson

UPLOAD: Final = f"""
Upload pictures to a service that runs: files, and all that is in folders and below them.

A file that is named is sent whatever it is called, since the content decides. Of a folder those are sent that end in \
.jpg, .jpeg, .png, .webp, .gif or .avif; what begins with a dot is passed over. A picture that you have already is not \
kept twice, so whatever stopped this, start it again.

{WHO}

The exit status is 0 if all is well, 1 if a file was not taken or, with --watch, could not be developed, 2 if nothing \
was begun.

Examples:

  darkroom upload photo.jpg --email ann@example.com

  darkroom upload ~/Pictures/2026 --tag holiday --tag family --watch

  darkroom upload *.jpg --json | jq -r '.files[].id'
"""

IMAGES: Final = "Find your images at a service that runs."

LIST: Final = f"""
List images, the newest first: for people as a table, with --json for programs as an object a line.

The table of a narrow terminal leaves out ids. Where there is no terminal, each image is a line with tabs between its \
id, time, state, size, bytes, filename and tags.

{WHO}

The exit status is 0, or 2 if the service does not answer or does not know you.

Examples:

  darkroom images list --search "beach sun" --tag holiday

  darkroom images list --state failed --limit 0

  darkroom images list --limit 0 --json | jq -r .url
"""


commands = typer.Typer(no_args_is_help=True)


def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Pictures, and folders of pictures.")],
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Wait until each is READY or FAILED.")] = False,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="What all are tagged with; may be repeated.")
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="How many files are sent at a time.")] = 3,
    json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom upload`."""
    from cli.images import choosing, uploading

    chosen = choosing.chosen(files)
    account = Account.given(url, token, email, password)
    plan = uploading.Plan(chosen, tags=tag or [], parallel=parallel, watch=watch)
    raise typer.Exit(uploading.run(account, plan, as_json=json))


@commands.command("list", help=LIST)
def list_(
    *,
    search: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Beginnings of words of filename, caption or tags.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="A tag that each has; may be repeated.")
    ] = None,
    state: Annotated[str | None, typer.Option(help="PROCESSING, READY or FAILED.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="ID", help="The images of a batch.")] = None,
    trashed: Annotated[bool, typer.Option("--trashed", help="What is in the trash.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many at most; 0 is all of them.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print an object a line.")] = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom images list`."""
    from cli.images import listing

    wanted = listing.wanted(search=search, tags=tag, state=state, batch_id=batch, trashed=trashed)
    account = Account.given(url, token, email, password)
    raise typer.Exit(listing.run(account, wanted, limit=limit, as_json=json))


def add_to(parent: typer.Typer) -> None:
    """Makes the commands known."""
    parent.command("upload", help=UPLOAD)(upload)
    parent.add_typer(commands, name="images", help=IMAGES)

"""`darkroom batch`: its commands, their options and their help."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

BATCH: Final = """
Compress the images of a CSV by a service that runs, and write a CSV with the addresses of what came out.

Says who you are by an access token, or by an email address and a password. Both are better given as variables: \
DARKROOM_TOKEN, or DARKROOM_EMAIL and DARKROOM_PASSWORD. A token does not outlive a long batch; a password does.

The exit status is 0 if every image succeeded, 1 if one did not, 2 if nothing was begun.

Examples:

  darkroom batch submit products.csv --email ann@example.com --watch

  darkroom batch submit products.csv --ratio 0.5 --format WEBP --results smaller.csv --watch

  darkroom batch watch QmF0Y2g6NjY4
"""

Url = Annotated[str, typer.Option("--url", envvar="DARKROOM_URL", help="Where the service is.")]
Token = Annotated[str | None, typer.Option(envvar="DARKROOM_TOKEN", help="An access token.")]
Email = Annotated[str | None, typer.Option(envvar="DARKROOM_EMAIL", help="Whose batch it is.")]
Password = Annotated[
    str | None, typer.Option(envvar="DARKROOM_PASSWORD", help="Asked for if there is an email address.")
]
Results = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Where the results go. Default: beside the manifest.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
DEFAULT_URL: Final = "http://127.0.0.1:8000"

commands = typer.Typer(no_args_is_help=True)


@commands.command()
def submit(
    manifest: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The CSV.")],
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Wait for the end, and write the results.")] = False,
    quality: Annotated[int | None, typer.Option(min=1, max=100, help="Default: 50.")] = None,
    ratio: Annotated[
        float | None, typer.Option(help="In place of a quality: the most that is left of an image's bytes.")
    ] = None,
    image_format: Annotated[
        str | None, typer.Option("--format", help="JPEG, PNG, WEBP or AVIF. Default: as it came.")
    ] = None,
    skip_invalid_rows: Annotated[
        bool, typer.Option("--skip-invalid-rows", help="Go on without rows that have errors.")
    ] = False,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Who is told of the end.")] = None,
    webhook_secret: Annotated[str | None, typer.Option(envvar="DARKROOM_WEBHOOK_SECRET")] = None,
    results: Results = None,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
    json: AsJson = False,
) -> None:
    """Submit a CSV, and with --watch wait for its end and write the results."""
    from cli.batches import running
    from cli.batches.account import Account
    from cli.batches.submission import Submission

    account = Account.given(token, email, password)
    submission = Submission(
        manifest,
        quality=quality,
        ratio=ratio,
        image_format=image_format.upper() if image_format else None,
        skip_invalid_rows=skip_invalid_rows,
        webhook=webhook,
        webhook_secret=webhook_secret,
    )
    raise typer.Exit(running.submit(url, account, submission, watch=watch, results=results, as_json=json))


@commands.command()
def watch(
    batch_id: Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")],
    *,
    results: Results = None,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
    json: AsJson = False,
) -> None:
    """Wait for the end of a batch, whoever has submitted it, and write the results."""
    from cli.batches import running
    from cli.batches.account import Account

    raise typer.Exit(
        running.watch(url, Account.given(token, email, password), batch_id, results=results, as_json=json)
    )


def add_to(parent: typer.Typer) -> None:
    """Makes the commands known."""
    parent.add_typer(commands, name="batch", help=BATCH, short_help="Compress the images of a CSV.")

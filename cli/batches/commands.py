"""`darkroom batch`: its commands, their options and their help."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.account import DEFAULT_URL, WHO, Account, Email, Password, Token, Url
from cli.options import AsJson

BATCH: Final = f"""
Compress the images of a CSV by a service that runs, and write a CSV with the addresses of what came out.

{WHO} A token does not outlive a long batch; a password does.

Examples:

  darkroom batch check products.csv

  darkroom batch submit products.csv --email ann@example.com --watch

  darkroom batch results QmF0Y2g6NjY4 --format JSONL -o -
"""

SUBMIT: Final = """
Submit a CSV, and with --watch wait for its end and write the results.

The exit status is 0 if every image succeeded, or without --watch once the batch has begun; 1 if an image did not, or if \
the watching ended before the batch; 2 if nothing was begun.

Examples:

  darkroom batch submit products.csv --watch

  darkroom batch submit products.csv --ratio 0.5 --format WEBP --results smaller.csv --watch

  darkroom batch submit products.csv --skip-invalid-rows --json
"""

WATCH: Final = """
Wait for the end of a batch, whoever has submitted it, and write the results.

The exit status is 0 if every image succeeded, 1 if one did not, 2 if there is no such batch.

Examples:

  darkroom batch watch QmF0Y2g6NjY4

  darkroom batch watch QmF0Y2g6NjY4 --results smaller.csv --json
"""

CHECK: Final = """
Tell all that is wrong with a CSV, line by line, and how it is mended. Nothing is begun.

A row with an error would not be taken; a warning says how something is understood. The exit status is 0 if there is no \
error, 1 if there is one, 2 if it could not be checked.

Examples:

  darkroom batch check products.csv

  darkroom batch check products.csv --json
"""

RESULTS: Final = """
Fetch the results of a batch, as far as it has come.

CSV has the columns of the manifest and the addresses that came of them, EXTENDED_CSV also states, failures, sizes and \
the manifest's further columns, JSONL an object a line for each image.

The exit status is 0 if the batch has ended, 1 if it is still at work and the results are those of now, 2 if there are \
none.

Examples:

  darkroom batch results QmF0Y2g6NjY4

  darkroom batch results QmF0Y2g6NjY4 --format JSONL -o - | jq .outputUrl

  darkroom batch results QmF0Y2g6NjY4 --format EXTENDED_CSV -o smaller.csv
"""

Manifest = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The CSV.")]
BatchId = Annotated[str, typer.Argument(metavar="ID", help="The batch's id.")]
Results = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Where the results go. Default: beside the manifest.")
]

commands = typer.Typer(no_args_is_help=True)


@commands.command(help=SUBMIT)
def submit(
    manifest: Manifest,
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
    webhook_secret: Annotated[
        str | None, typer.Option(envvar="DARKROOM_WEBHOOK_SECRET", help="Signs what is told.")
    ] = None,
    results: Results = None,
    json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom batch submit`."""
    from cli.batches import running
    from cli.batches.submission import Submission

    submission = Submission(
        manifest,
        quality=quality,
        ratio=ratio,
        image_format=image_format,
        skip_invalid_rows=skip_invalid_rows,
        webhook=webhook,
        webhook_secret=webhook_secret,
    )
    account = Account.given(url, token, email, password)
    raise typer.Exit(running.submit(account, submission, watch=watch, results=results, as_json=json))


@commands.command(help=WATCH)
def watch(
    batch_id: BatchId,
    *,
    results: Results = None,
    json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom batch watch`."""
    from cli.batches import running

    account = Account.given(url, token, email, password)
    raise typer.Exit(running.watch(account, batch_id, results=results, as_json=json))


@commands.command(help=CHECK)
def check(
    manifest: Manifest,
    *,
    json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom batch check`."""
    from cli.batches import checking

    raise typer.Exit(checking.check(Account.given(url, token, email, password), manifest, as_json=json))


@commands.command(help=RESULTS)
def results(
    batch_id: BatchId,
    *,
    result_format: Annotated[str, typer.Option("--format", help="CSV, EXTENDED_CSV or JSONL.")] = "CSV",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            dir_okay=False,
            allow_dash=True,
            help="Where they go; - is standard output. Default: as the manifest is called, here.",
        ),
    ] = None,
    json: AsJson = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
    email: Email = None,
    password: Password = None,
) -> None:
    """Run `darkroom batch results`."""
    from cli.batches import fetching

    wanted = fetching.Wanted(batch_id, result_format, output)
    account = Account.given(url, token, email, password)
    raise typer.Exit(fetching.fetch(account, wanted, as_json=json))


def add_to(parent: typer.Typer) -> None:
    """Makes the commands known."""
    parent.add_typer(commands, name="batch", help=BATCH, short_help="Compress the images of a CSV.")

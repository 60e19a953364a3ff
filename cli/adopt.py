"""`darkroom adopt`: its commands, their options and their help."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.options import AsJson

ADOPTION: Final = """
Take over the pictures that another system keeps. It is only read; the service may run meanwhile.

Each picture goes through the same checks as an upload. Whose it is, a field or a part of its key says, by an email \
address or by an id that --owners-file translates; or all are --owner's. Owners must have signed up: pictures of others \
are left where they are and listed. Quotas do not count here.

What was taken over or refused is remembered: stop it at any time and start it again. What failed for a reason that may \
pass, such as a server that did not answer, is tried again.

The exit status is 0 if every picture was taken over, now or earlier, else 1.

Examples:

  darkroom adopt mongo --uri mongodb://old/ --database shop --collection photos --url-field imageUrl --owner-field email

  darkroom adopt gridfs --bucket photos --owner-field metadata.userId --owners-file users.csv --dry-run

  darkroom adopt s3 --bucket old-pictures --prefix users/ --owner-part 2 --owners-file users.csv

  darkroom adopt imagekit --folder /uploads --owner ann@example.com
"""

MONGO: Final = """
Fetch pictures whose addresses stand in a MongoDB collection; FETCH_PRIVATE_ALLOWLIST names internal origins.

Examples:

  darkroom adopt mongo --uri mongodb://old/ --database shop --collection photos --url-field imageUrl --owner-field email
"""

GRIDFS: Final = """
Take pictures out of a GridFS bucket. Fields are those of its files, such as metadata.userId.

Examples:

  darkroom adopt gridfs --bucket photos --owner ann@example.com

  darkroom adopt gridfs --bucket photos --owner-field metadata.userId --owners-file users.csv --dry-run
"""

S3: Final = """
Take pictures out of an S3 bucket.

Examples:

  darkroom adopt s3 --bucket old-pictures --prefix users/ --owner-part 2 --owners-file users.csv
"""

IMAGEKIT: Final = """
Take pictures out of an ImageKit folder and those below it.

Examples:

  darkroom adopt imagekit --folder /uploads --owner ann@example.com
"""

Owner = Annotated[str | None, typer.Option(metavar="EMAIL", help="Whose all pictures become.")]
OwnerField = Annotated[
    str | None,
    typer.Option(metavar="FIELD", help="Where a document says whose it is, such as metadata.userId."),
]
OwnerPart = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Which part of a key says whose it is: of a/b/c.jpg, 2 is b."),
]
OwnersFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Lines of an old id, a comma and an email address."),
]
CaptionField = Annotated[str | None, typer.Option(metavar="FIELD", help="Where a document has the caption.")]
TagsField = Annotated[
    str | None,
    typer.Option(metavar="FIELD", help="Where a document has tags: a list, or a text with commas."),
]
FilenameField = Annotated[
    str | None, typer.Option(metavar="FIELD", help="Where a document has the filename.")
]
Uri = Annotated[
    str | None,
    typer.Option(metavar="URI", help="The MongoDB. Default: the service's own.", envvar="ADOPT_URI"),
]
Database = Annotated[str | None, typer.Option(help="The database. Default: the service's own.")]
Parallel = Annotated[int, typer.Option(min=1, max=64, help="How many pictures are read at a time.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only list what would be taken over.")]
RetryRefused = Annotated[bool, typer.Option("--retry-refused", help="Try again what was refused earlier.")]

commands = typer.Typer(no_args_is_help=True)


@commands.command(help=MONGO)
def mongo(
    *,
    collection: Annotated[str, typer.Option(help="The collection of documents.")],
    url_field: Annotated[
        str, typer.Option(metavar="FIELD", help="Where a document has the picture's address.")
    ],
    uri: Uri = None,
    database: Database = None,
    owner: Owner = None,
    owner_field: OwnerField = None,
    owners_file: OwnersFile = None,
    caption_field: CaptionField = None,
    tags_field: TagsField = None,
    filename_field: FilenameField = None,
    parallel: Parallel = 4,
    retry_refused: RetryRefused = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Run `darkroom adopt mongo`."""
    from cli import adopting, sources
    from cli.adopting import Plan
    from processing.adopting.fields import Fields

    fields = Fields(owner_field, caption_field, tags_field, filename_field)
    plan = Plan(owner, owner_field, owners_file, parallel, retry_refused=retry_refused, dry_run=dry_run)
    source = sources.collection(sources.Place(uri, database), collection, url_field, fields)
    raise typer.Exit(adopting.run(plan, source, as_json=json))


@commands.command(help=GRIDFS)
def gridfs(
    *,
    bucket: Annotated[str, typer.Option(help="The bucket: its files are in `BUCKET.files`.")],
    uri: Uri = None,
    database: Database = None,
    owner: Owner = None,
    owner_field: OwnerField = None,
    owners_file: OwnersFile = None,
    caption_field: CaptionField = None,
    tags_field: TagsField = None,
    filename_field: FilenameField = None,
    parallel: Parallel = 4,
    retry_refused: RetryRefused = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Run `darkroom adopt gridfs`."""
    from cli import adopting, sources
    from cli.adopting import Plan
    from processing.adopting.fields import Fields

    fields = Fields(owner_field, caption_field, tags_field, filename_field)
    plan = Plan(owner, owner_field, owners_file, parallel, retry_refused=retry_refused, dry_run=dry_run)
    source = sources.bucket(sources.Place(uri, database), bucket, fields)
    raise typer.Exit(adopting.run(plan, source, as_json=json))


@commands.command(help=S3)
def s3(
    *,
    bucket: Annotated[str, typer.Option(help="The bucket, reached as the settings say.")],
    prefix: Annotated[str, typer.Option(help="How the keys begin.")] = "",
    owner: Owner = None,
    owner_part: OwnerPart = None,
    owners_file: OwnersFile = None,
    parallel: Parallel = 4,
    retry_refused: RetryRefused = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Run `darkroom adopt s3`."""
    from cli import adopting, sources
    from cli.adopting import Plan

    plan = Plan(owner, owner_part, owners_file, parallel, retry_refused=retry_refused, dry_run=dry_run)
    source = sources.storage("s3", prefix, owner_part, s3_bucket=bucket)
    raise typer.Exit(adopting.run(plan, source, as_json=json))


@commands.command(help=IMAGEKIT)
def imagekit(
    *,
    folder: Annotated[str, typer.Option(help="The folder, reached as the settings say.")],
    owner: Owner = None,
    owner_part: OwnerPart = None,
    owners_file: OwnersFile = None,
    parallel: Parallel = 4,
    retry_refused: RetryRefused = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Run `darkroom adopt imagekit`."""
    from cli import adopting, sources
    from cli.adopting import Plan
    from storage.imagekit import names

    plan = Plan(owner, owner_part, owners_file, parallel, retry_refused=retry_refused, dry_run=dry_run)
    source = sources.storage("imagekit", names.prefix(folder), owner_part)
    raise typer.Exit(adopting.run(plan, source, as_json=json))


def add_to(root: typer.Typer) -> None:
    """Make them commands."""
    root.add_typer(commands, name="adopt", help=ADOPTION)

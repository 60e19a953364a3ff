"""What an operator does now and then: the commands, their options and their help."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

from typing import Annotated, Final

import typer

from cli.options import AsJson

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only look, and say what would be done; nothing is changed.")
]

LONGEST_DAYS: Final = 36_500

MIGRATION: Final = """
Move all images from one storage to another, while the service goes on.

1. Set up both storages for the API and every worker, set STORAGE to the new one, and restart them: from then on, \
new uploads go there, and what is old is read where it lies.

2. Run this. It may be stopped, or die, at any time: start it again, and it goes on from where it was. Every original \
is compared with the checksum on record; an image that differs is named, and stays where it is. The manifests of batches \
are moved behind the images.

3. The old bytes are deleted an hour after each move, by the workers. Keep the old storage set up until then.

The exit status is 0 once nothing lies in the old storage any more, else 1.

Examples:

  darkroom migrate-storage --from gridfs --to s3 --dry-run

  darkroom migrate-storage --from gridfs --to s3 --parallel 8
"""

RECONCILIATION: Final = """
Compare storage with the documents, and put right what differs; safe while the service runs.

Deletes objects that no document names, in every storage that is set up, and what dead uploads left. Nothing is touched \
that is younger than the grace, whose key Darkroom did not make, or whose owner this database does not know: a bucket \
may serve another Darkroom, too. Images whose original is missing are named and \
never deleted; those that lack a preset are developed again. Usage is counted anew.

The exit status is 1 if an original is missing or out of reach, if there are objects of unknown owners, or if a \
provider did not answer, else 0.

Examples:

  darkroom reconcile --dry-run

  darkroom reconcile --grace-hours 48 --json
"""

PURGE: Final = """
Delete for good what has been in the trash longer than TRASH_TTL_DAYS, or than --older-than-days.

Workers do the former by themselves; their work also deletes the bytes of what is deleted here. The exit status is 1 \
if an image could not be deleted, else 0.

Examples:

  darkroom purge-trash --dry-run

  darkroom purge-trash --older-than-days 0 --owner ann@example.com
"""


def reconcile(
    *,
    dry_run: DryRun = False,
    grace_hours: Annotated[
        float,
        typer.Option(
            min=1, max=LONGEST_DAYS * 24, help="How old an object that nobody names must be, to be deleted."
        ),
    ] = 24,
    unknown_owners: Annotated[
        bool,
        typer.Option(
            "--unknown-owners", help="Also delete what is of owners whom this database does not know."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Run `darkroom reconcile`."""
    from cli import reconciling

    looks = reconciling.Looks(dry_run, grace_hours, unknown_owners)
    raise typer.Exit(reconciling.run(looks, as_json=json))


def migrate_storage(
    *,
    source: Annotated[
        str,
        typer.Option("--from", metavar="KIND", help="Where images lie: gridfs, filesystem, s3 or imagekit."),
    ],
    target: Annotated[str, typer.Option("--to", metavar="KIND", help="Where they are to lie.")],
    dry_run: DryRun = False,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="How many images are copied at a time.")] = 4,
    wait: Annotated[
        int,
        typer.Option(min=0, help="For how many seconds to wait for images that are still being developed."),
    ] = 60,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Whether each copy is read back and compared.")
    ] = True,
    json: AsJson = False,
) -> None:
    """Run `darkroom migrate-storage`."""
    from cli import migrating

    plan = migrating.Plan(source, target, parallel=parallel, wait_seconds=wait, verify=verify)
    raise typer.Exit(migrating.run(plan, dry_run=dry_run, as_json=json))


def purge_trash(
    *,
    dry_run: DryRun = False,
    older_than_days: Annotated[
        int | None,
        typer.Option(min=0, max=LONGEST_DAYS, help="For how long it must have been there; 0 is all of it."),
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only what is this user's.")] = None,
    json: AsJson = False,
) -> None:
    """Run `darkroom purge-trash`."""
    from cli import purging

    raise typer.Exit(purging.run(older_than_days=older_than_days, email=owner, dry_run=dry_run, as_json=json))


def add_to(commands: typer.Typer) -> None:
    """Make them commands."""
    commands.command("reconcile", help=RECONCILIATION)(reconcile)
    commands.command("migrate-storage", help=MIGRATION)(migrate_storage)
    commands.command("purge-trash", help=PURGE)(purge_trash)

"""`darkroom migrate-storage`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import providers
from cli import options, session, terminal
from cli.session import Session
from errors import StorageError
from models import holdings, manifests
from models.holdings import Amount
from processing import moving_manifests
from processing.copying import Copier
from processing.migrate import Migrated, Migration
from processing.moving_manifests import MovedManifests
from storage.base import Storage

MOST_SHOWN = 20


@dataclass(frozen=True)
class Plan:
    """From which kind of storage to which, and how."""

    source: str
    target: str
    parallel: int
    wait_seconds: int
    verify: bool

    def check(self) -> None:
        """Raises `typer.BadParameter` if it makes no sense."""
        for option, kind in (("--from", self.source), ("--to", self.target)):
            if kind not in providers.PROVIDERS:
                raise options.refuse(option, f"{kind!r} is none of {', '.join(providers.PROVIDERS)}")
        if self.source == self.target:
            raise options.refuse("--to", "the images lie there already")


def run(plan: Plan, *, dry_run: bool, as_json: bool) -> int:
    """The exit status."""
    plan.check()

    async def work(opened: Session) -> int:
        _warn(plan, opened.settings.storage)
        amount, manifest_count = await holdings.amount_in(plan.source), await manifests.count_in(plan.source)
        if dry_run:
            await _require_set_up(plan.target, opened)
            terminal.print_outcome(
                {**_amount(amount), "manifests": manifest_count},
                [*_rows_of_amount(amount), ("manifests to be moved", str(manifest_count))],
                as_json=as_json,
            )
            return 0
        migrated, moved = await _migrate(plan, opened, amount)
        terminal.print_outcome(
            {**_outcome(migrated), "manifests": asdict(moved)},
            [*_rows(migrated, plan), *_rows_of_manifests(moved, plan)],
            as_json=as_json,
        )
        return 1 if migrated.left.images or moved.left else 0

    return session.run(work)


async def _migrate(plan: Plan, opened: Session, amount: Amount) -> tuple[Migrated, MovedManifests]:
    target = await providers.open_ready(plan.target, opened.settings, opened.database)
    try:
        copier = Copier(_source(plan, opened), target, verify=plan.verify)
        with terminal.progress("Images", amount.images) as passed:
            migration = Migration(
                copier,
                opened.resources.queue,
                parallel=plan.parallel,
                wait_seconds=plan.wait_seconds,
                passed=passed,
            )
            migrated = await migration.run()
        return migrated, await moving_manifests.move_all(copier, opened.resources.queue)
    finally:
        await target.close()


async def _require_set_up(kind: str, opened: Session) -> None:
    """Raises `ConfigurationError` if a setting is missing. What the storage needs is not made yet."""
    await providers.PROVIDERS[kind].open(opened.settings, opened.database).close()


def _source(plan: Plan, opened: Session) -> Storage:
    try:
        return opened.resources.storages.of(plan.source)
    except StorageError as error:
        raise options.refuse("--from", str(error)) from error


def _warn(plan: Plan, current: str) -> None:
    if current != plan.target:
        terminal.say(
            f"STORAGE is {current}: new uploads go on landing there. "
            f"Set STORAGE={plan.target}, restart the API and the workers, and run this again"
        )


def _rows_of_manifests(moved: MovedManifests, plan: Plan) -> list[tuple[str, str]]:
    return [
        ("manifests moved", str(moved.moved)),
        (f"manifests left in {plan.source}", str(moved.left or "none")),
        *((f"not moved: manifest {batch_id}", reason) for batch_id, reason in moved.problems.items()),
    ]


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "images": amount.images,
        "original_bytes": amount.original_bytes,
        "unfinished": amount.unfinished,
    }


def _rows_of_amount(amount: Amount) -> list[tuple[str, str]]:
    return [
        ("images to be moved", f"{amount.images} ({terminal.amount(amount.original_bytes)})"),
        ("of these still being developed", str(amount.unfinished)),
    ]


def _outcome(migrated: Migrated) -> dict[str, Any]:
    return {
        "moved": migrated.moved,
        "moved_bytes": migrated.moved_bytes,
        "problems": migrated.problems,
        "left": _amount(migrated.left),
        "gave_up": migrated.gave_up,
    }


def _rows(migrated: Migrated, plan: Plan) -> list[tuple[str, str]]:
    left = migrated.left
    rows = [
        ("moved", f"{migrated.moved} images ({terminal.amount(migrated.moved_bytes)})"),
        (
            f"left in {plan.source}",
            f"{left.images}, {left.unfinished} of them unfinished" if left.images else "none",
        ),
    ]
    if migrated.gave_up:
        rows.append(("gave up", "too much went wrong; start it again once that is mended"))
    shown = list(migrated.problems.items())[:MOST_SHOWN]
    rows += [(f"not moved: {image_id}", reason) for image_id, reason in shown]
    if len(migrated.problems) > MOST_SHOWN:
        rows.append(("not moved", f"{len(migrated.problems) - MOST_SHOWN} more, all of them with --json"))
    return rows

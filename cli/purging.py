"""`darkroom purge-trash`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beanie import PydanticObjectId

from cli import options, session, terminal
from cli.session import Session
from models import shelves
from models.user import User
from processing import trash
from processing.trash import Emptied
from resolvers import emails


def run(*, older_than_days: int | None, email: str | None, dry_run: bool, as_json: bool) -> int:
    """The exit status."""

    async def work(opened: Session) -> int:
        days = opened.settings.trash_ttl_days if older_than_days is None else older_than_days
        before = datetime.now(UTC) - timedelta(days=days)
        owner_id = await _owner(email) if email else None
        images, original_bytes = await shelves.amount_expired(before, owner_id)
        emptied = Emptied(images, original_bytes)
        if not dry_run:
            with terminal.progress("Images", images) as passed:
                emptied = await trash.empty(opened.resources.queue, before, owner_id=owner_id, passed=passed)
        terminal.print_outcome(
            {"dry_run": dry_run, **vars(emptied)}, _rows(emptied, dry_run=dry_run), as_json=as_json
        )
        return 1 if emptied.failed else 0

    return session.run(work)


async def _owner(email: str) -> PydanticObjectId:
    user = await User.by_email(emails.sought(email))
    if user is None:
        raise options.refuse("--owner", f"nobody has the address {email!r}")
    return PydanticObjectId(user.id)


def _rows(emptied: Emptied, *, dry_run: bool) -> list[tuple[str, str]]:
    done = "would be deleted for good" if dry_run else "deleted for good"
    rows = [(done, f"{emptied.images} images ({terminal.amount(emptied.original_bytes)})")]
    if emptied.failed:
        rows.append(("not deleted", f"{emptied.failed}; the log says why"))
    return rows

"""Whose adopted pictures become: users of the service, whatever the old system called them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from beanie import PydanticObjectId

from cli import options
from models.user import User
from resolvers import emails


class Owners:
    """Finds users by what a source says of them.

    Args:
        everything: The address of whoever gets all pictures; None: the source says whose they are.
        addresses: The addresses of those whom the source knows by something else.
    """

    def __init__(self, everything: str | None, addresses: Mapping[str, str]) -> None:
        self._everything = everything
        self._addresses = addresses

    async def check(self) -> None:
        """Raises `typer.BadParameter` if all pictures are to be nobody's."""
        if self._everything and await self.id_of(None) is None:
            raise options.refuse("--owner", f"nobody has the address {self._everything!r}")

    async def id_of(self, said: str | None) -> PydanticObjectId | None:
        """The user of whom a source speaks; None if nobody is meant. Looked up each time: people leave meanwhile."""
        email = self._everything or (self._addresses.get(said, said) if said else None)
        if not email:
            return None
        user = await User.by_email(emails.sought(email))
        return user.id if user else None


def read(file: Path | None) -> dict[str, str]:
    """The addresses in a file, by old ids; lines of other shapes end the command."""
    if file is None:
        return {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.reader(lines) if row]
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) != 2), None)  # noqa: PLR2004 - id, address
    if wrong:
        raise options.refuse("--owners-file", f"line {wrong} is not an old id, a comma and an email address")
    return {old.strip(): email.strip() for old, email in rows}

"""Shares and allowances made right again, should they ever be wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from beanie import PydanticObjectId

from models import shares, transactions
from models.allowance import Allowance
from models.tally import Share
from models.transactions import Transaction
from models.user import User
from processing.counting import Counter

USERS_PER_PART = 1_000
ATTEMPTS = 10
"""A count is void if something was reserved or settled meanwhile."""


@dataclass(frozen=True)
class Correction:
    """What the owner's tally was to be given."""

    owner_id: PydanticObjectId
    by: Share


async def owners() -> AsyncGenerator[PydanticObjectId, None]:
    """All users."""
    last: PydanticObjectId | None = None
    while part := await User.ids_after(last, USERS_PER_PART):
        for user_id in part:
            yield user_id
        last = part[-1]


async def correct(owner_id: PydanticObjectId, *, dry_run: bool) -> Correction | None:
    """Makes the tally say what the documents say; None if it does."""

    async def write(transaction: Transaction) -> Correction | None:
        real = await shares.counted(owner_id, transaction)
        said = await shares.tallied(owner_id, transaction)
        if real == said:
            return None
        by = Share(real.image_count - said.image_count, real.stored_bytes - said.stored_bytes)
        if not dry_run:
            await shares.correct(owner_id, by, transaction)
        return Correction(owner_id, by)

    return await transactions.run(write)


async def allowance(owner_id: PydanticObjectId) -> bool:
    """Counts anew what the owner has used of a quota; False if nobody has counted before, or uploads never rest."""
    if await Allowance.of_owner(owner_id) is None:
        return False
    counter = Counter()
    for _ in range(ATTEMPTS):
        if await counter.count(owner_id):
            return True
    return False

"""What has to be looked after though nobody asks for it. Every worker offers to; a lease lets one of them do it.

Each chore is safe when two do it at once, so that a lease which ends too early costs work and nothing else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from beanie import PydanticObjectId

import tasks
from models import shelves, transactions
from models.departed import DepartedUser
from models.lease import Lease
from models.tally import Tally
from models.transactions import Transaction
from processing import purge, staging, trash
from processing.queue.base import WorkQueue

INTERVAL_SECONDS = 60.0
LEASE_INTERVALS = 2.5  # whoever misses two rounds is replaced
LEASE = "housekeeping"
GIVE_BACK_SECONDS = 2.0
DEPARTED_KEPT = timedelta(days=30)

log = structlog.get_logger()


class Housekeeping:
    """Does its own chores, and those it is given, soon after `start` and then at every interval, until `close`."""

    def __init__(
        self,
        queue: WorkQueue,
        *chores: Callable[[], Awaitable[None]],
        trash_ttl: timedelta,
        interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        self._queue = queue
        self._trash_ttl = trash_ttl
        self._interval_seconds = interval_seconds
        self._holder = secrets.token_hex(8)
        self._chores = (
            self.empty_trash,
            self.fold_tallies,
            self.look_after_departed,
            self.sweep_stages,
            *chores,
        )
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins in the background."""
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Ends at once, in the middle of a chore if need be, and lets another worker go on."""
        if self._keeping:
            await tasks.end(self._keeping)
            await self._give_back()

    async def empty_trash(self) -> None:
        """Deletes for good what has been in the trash for longer than it is kept."""
        await trash.empty(self._queue, datetime.now(UTC) - self._trash_ttl)

    async def fold_tallies(self) -> None:
        """Keeps what each owner keeps quick to add up."""
        for owner_id in await Tally.long_ones():
            await _fold(owner_id)

    async def look_after_departed(self) -> None:
        """An upload that was under way when its user left may have come in behind the purge: purges anew."""
        for user_id in await shelves.owners_among(await DepartedUser.recent()):
            await self._queue.publish([purge.account(user_id)])
        await DepartedUser.forget_older_than(DEPARTED_KEPT)

    async def sweep_stages(self) -> None:
        """Removes staged uploads whose time is over, and what they left in storage."""
        await staging.sweep(self._queue)

    async def _give_back(self) -> None:
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                await Lease.release(LEASE, self._holder)
        except Exception as error:  # noqa: BLE001 - it ends by itself, and nothing may keep a worker from ending
            log.warning("lease not given back", lease=LEASE, reason=str(error))

    async def _keep(self) -> None:
        while True:
            try:
                if await Lease.take(LEASE, self._holder, self._interval_seconds * LEASE_INTERVALS):
                    await self._do_chores()
            except Exception as error:
                log.warning("housekeeping interrupted", reason=str(error), exc_info=error)
            await asyncio.sleep(self._interval_seconds)

    async def _do_chores(self) -> None:
        for chore in self._chores:
            try:
                await chore()
            except Exception as error:
                log.warning(
                    "chore failed", chore=getattr(chore, "__name__", ""), reason=str(error), exc_info=error
                )


async def _fold(owner_id: PydanticObjectId) -> None:
    async def write(transaction: Transaction) -> None:
        await Tally.fold(owner_id, transaction)

    await transactions.run(write)

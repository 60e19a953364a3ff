"""Images from addresses: fetched by guard, taken in like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from beanie import PydanticObjectId

from processing.fetch import Fetcher
from processing.fetch.target import Target
from processing.fetch.turns import Turns
from processing.idempotency import Hold
from processing.ingest import Incoming, Ingested, Intake, Labels

AT_ONCE = 4
WAIT_SECONDS = 60.0


class Imports:
    """Fetches for owners, AT_ONCE for each of them: nobody has many connections made, or keeps others from theirs."""

    def __init__(self, fetcher: Fetcher, intake: Intake) -> None:
        self._fetcher = fetcher
        self._intake = intake
        self._owners = Turns(AT_ONCE)

    async def take_in(
        self,
        owner_id: PydanticObjectId,
        target: Target,
        labels: Labels,
        confirm: Callable[[], Awaitable[None]],
        hold: Hold | None = None,
    ) -> Ingested:
        """Fetches a file and takes it in, as `Intake.take_in` does with one that was sent.

        Raises:
            FetchFailedError: It cannot be had, or the owner's other imports took too long. Nothing is kept.
        """
        async with self._owners.turn(owner_id, WAIT_SECONDS), self._fetcher.open(target) as fetched:
            incoming = Incoming(owner_id, fetched.filename, fetched.pieces, labels, confirm)
            return await self._intake.take_in(incoming, hold)

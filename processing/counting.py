"""Counts anew what an owner keeps, for as many as ask at once."""

from __future__ import annotations

import asyncio

from beanie import PydanticObjectId

from models.allowance import Allowance
from models.tally import Tally


class Counter:
    """One count at a time of each owner. Who asks while one runs is answered by the next, which all of them share."""

    def __init__(self) -> None:
        self._running: dict[PydanticObjectId, asyncio.Task[bool]] = {}

    async def count(self, owner_id: PydanticObjectId) -> bool:
        """Makes a count that begins from now on.

        False if something was reserved or settled meanwhile, which makes it void.
        """
        if earlier := self._running.get(owner_id):
            await asyncio.wait({earlier})
        counting = self._running.get(owner_id)
        if counting is None or counting is earlier:
            counting = asyncio.create_task(_count(owner_id))
            self._running[owner_id] = counting
            counting.add_done_callback(lambda done: self._forget(owner_id, done))
        return await asyncio.shield(counting)

    def _forget(self, owner_id: PydanticObjectId, done: asyncio.Task[bool]) -> None:
        if self._running.get(owner_id) is done:
            del self._running[owner_id]


async def _count(owner_id: PydanticObjectId) -> bool:
    seen = await Allowance.of_owner(owner_id)
    still_open = [reservation.id for reservation in seen.reservations] if seen else []
    stored_bytes = await Tally.stored_bytes_without(owner_id, still_open)
    if seen:
        return await Allowance.correct(seen, stored_bytes)
    return await Allowance.begin(owner_id, stored_bytes)

"""Somebody who keeps images under a quota."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beanie import PydanticObjectId

from models import transactions
from models.allowance import Allowance
from models.tally import Tally
from processing import quota

LIMIT = 1_000


class Saver:
    """An owner, what they do, and what is remembered of it."""

    def __init__(self):
        self.id = PydanticObjectId()
        self._quotas = {}

    def reservation(self, limit_bytes=LIMIT, freed_bytes=0):
        """All with the same limit are of one process."""
        ours = self._quotas.setdefault(limit_bytes, quota.limited_to(limit_bytes))
        return ours.reservation(self.id, freed_bytes=freed_bytes)

    async def keep(self, size_bytes, limit_bytes=LIMIT, fault=None):
        """Takes an image in; `fault` is raised behind its transaction."""
        async with self.reservation(limit_bytes) as reservation:
            await reservation.expect(size_bytes)
            await reservation.reserve(size_bytes)
            await self.commit(reservation, size_bytes)
            if fault:
                raise fault
            await reservation.settle()

    async def commit(self, reservation, grown_bytes):
        line = Tally(owner_id=self.id, image_count=1, stored_bytes=grown_bytes)
        await transactions.run(lambda transaction: Tally.add([reservation.used_by(line)], transaction))

    async def delete(self, size_bytes):
        line = Tally(owner_id=self.id, image_count=-1, stored_bytes=-size_bytes)
        await transactions.run(lambda transaction: Tally.add([line], transaction))

    async def fold(self):
        await transactions.run(lambda transaction: Tally.fold(self.id, transaction))

    async def remembered(self):
        """What the allowance has: bytes stored, and each reservation's."""
        found = await Allowance.get(self.id)
        return found.stored_bytes, [reservation.size_bytes for reservation in found.reservations]

    async def kept_bytes(self):
        return (await Tally.of_owner(self.id)).stored_bytes

    async def expire(self):
        """As if all reservations were of processes that died long ago."""
        await self._set({"reservations.$[].expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    async def age(self, **age):
        """As if the last count were so old."""
        await self._set({"counted_at": datetime.now(UTC) - timedelta(**age)})

    async def _set(self, fields):
        await Allowance.get_pymongo_collection().update_one({"_id": self.id}, {"$set": fields})

"""How much of their quota owners have used up, in one document each that single updates outside transactions change.

The tally says what is kept, and is always right; it cannot say whether one more image fits, since several that come in
at once would all be told yes. So an image's bytes are reserved here before its transaction and settled behind it:

    stored_bytes + all reservations  >=  the tally's bytes, at every moment.

Every change counts up `revision`, so that a count of the tally is written down only if nothing was changed meanwhile.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from models.work import NOW, from_now

TRUSTED = timedelta(minutes=5)
"""How long a count is good for: quotas may be switched off and on, and deletions say nothing here."""

RESERVED = timedelta(minutes=10)
"""From reserving to settling takes as long as a transaction. What is older is of a process that died in between."""

NEVER = datetime.fromtimestamp(0, UTC)
IS_OPEN = {"$gt": ["$$this.expires_at", NOW]}


class OpenReservation(BaseModel):
    """Bytes that are about to be an image's."""

    id: str
    size_bytes: int
    expires_at: datetime


class Allowance(Document):
    """What the owner `id` has used: bytes counted as stored, and bytes reserved."""

    stored_bytes: int
    reservations: list[OpenReservation] = []
    revision: int = 0
    counted_at: datetime

    class Settings:
        name = "allowances"

    @property
    def used_bytes(self) -> int:
        """Stored and reserved."""
        return self.stored_bytes + sum(reservation.size_bytes for reservation in self.reservations)

    @classmethod
    async def of_owner(cls, owner_id: PydanticObjectId) -> Allowance | None:
        """The owner's, without the reservations of processes that died."""
        still_open = {"$filter": {"input": "$reservations", "cond": IS_OPEN}}
        found = await cls.get_pymongo_collection().aggregate(
            [{"$match": {"_id": owner_id}}, {"$set": {"reservations": still_open}}]
        )
        rows = await found.to_list()
        return cls.model_validate(rows[0]) if rows else None

    @classmethod
    async def reserve(
        cls, owner_id: PydanticObjectId, reservation_id: str, size_bytes: int, limit_bytes: int
    ) -> bool:
        """Reserves the bytes if they fit; False also if the count is missing or no longer to be trusted."""
        trusted = {"$gt": ["$counted_at", from_now(-TRUSTED.total_seconds())]}
        used = {"$add": ["$stored_bytes", {"$sum": "$reservations.size_bytes"}]}
        fits = {"$lte": [used, limit_bytes - size_bytes]}
        reservation = {
            "id": reservation_id,
            "size_bytes": size_bytes,
            "expires_at": from_now(RESERVED.total_seconds()),
        }
        result = await cls.get_pymongo_collection().update_one(
            {"_id": owner_id, "$expr": {"$and": [trusted, fits]}},
            [
                {
                    "$set": {
                        "reservations": {"$concatArrays": ["$reservations", [reservation]]},
                        "revision": {"$add": ["$revision", 1]},
                    }
                }
            ],
        )
        return bool(result.matched_count)

    @classmethod
    async def settle(cls, owner_id: PydanticObjectId, reservation_id: str, stored_bytes: int) -> None:
        """Ends the reservation, and adds what the owner's tally grew by; also if it had expired."""
        await cls._losable().update_one(
            {"_id": owner_id},
            {
                "$pull": {"reservations": {"id": reservation_id}},
                "$inc": {"stored_bytes": stored_bytes, "revision": 1},
            },
        )

    @classmethod
    async def give_back(cls, owner_id: PydanticObjectId, reservation_id: str) -> None:
        """Ends the reservation, of which the tally alone knows whether it was used: the count is no longer trusted."""
        await cls._losable().update_one(
            {"_id": owner_id, "reservations.id": reservation_id},
            {
                "$pull": {"reservations": {"id": reservation_id}},
                "$inc": {"revision": 1},
                "$set": {"counted_at": NEVER},
            },
        )

    @classmethod
    async def begin(cls, owner_id: PydanticObjectId, stored_bytes: int) -> bool:
        """Writes down the first count; False if somebody else did meanwhile."""
        document: list[dict[str, Any]] = [
            {"$set": {"stored_bytes": stored_bytes, "reservations": [], "revision": 0, "counted_at": NOW}}
        ]
        try:
            result = await cls.get_pymongo_collection().update_one(
                {"_id": owner_id, "revision": {"$exists": False}}, document, upsert=True
            )
        except DuplicateKeyError:
            return False
        return result.upserted_id is not None

    @classmethod
    async def correct(cls, seen: Allowance, stored_bytes: int) -> bool:
        """Writes down a count made while `seen` was true, and drops what it does not show; False if it no longer is.

        `stored_bytes` is without the images whose reservations are open in `seen`: their settling brings them.
        """
        kept = [reservation.model_dump() for reservation in seen.reservations]
        result = await cls.get_pymongo_collection().update_one(
            {"_id": seen.id, "revision": seen.revision},
            [
                {
                    "$set": {
                        "stored_bytes": stored_bytes,
                        "reservations": {"$literal": kept},
                        "revision": seen.revision + 1,
                        "counted_at": NOW,
                    }
                }
            ],
        )
        return bool(result.matched_count)

    @classmethod
    async def open_reservations(
        cls, owner_id: PydanticObjectId, transaction: AsyncClientSession
    ) -> list[str]:
        """The ids of all reservations that were not settled or given back."""
        found = await cls.get_pymongo_collection().find_one({"_id": owner_id}, session=transaction)
        return [reservation["id"] for reservation in found["reservations"]] if found else []

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Removes what was used by an owner who is gone."""
        await cls.get_pymongo_collection().delete_one({"_id": owner_id})

    @classmethod
    def _losable(cls) -> AsyncCollection[dict[str, Any]]:
        """For writes that need not outlive their server: the reservation that comes back with its loss expires."""
        return cls.get_pymongo_collection().with_options(write_concern=WriteConcern(1))

"""What at most one process should do at a time. All dates are MongoDB's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from beanie import Document, Indexed
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

NOW = "$$NOW"


class Lease(Document):
    """`holder` is the one to do `name`, until `until`."""

    name: Annotated[str, Indexed(unique=True)]
    holder: str
    until: datetime

    class Settings:
        name: ClassVar = "leases"
        indexes: ClassVar = [IndexModel([("until", ASCENDING)], expireAfterSeconds=0)]

    @classmethod
    async def take(cls, name: str, holder: str, ttl_seconds: float) -> bool:
        """Takes the lease, or takes it anew, for `ttl_seconds`; False if somebody else holds it."""
        is_free = {"$or": [{"$eq": ["$holder", holder]}, {"$lte": [{"$ifNull": ["$until", NOW]}, NOW]}]}
        ends = {"$add": [NOW, round(ttl_seconds * 1000)]}
        try:
            lease = await cls.get_pymongo_collection().find_one_and_update(
                {"name": name},
                [
                    {
                        "$set": {
                            "holder": {"$cond": [is_free, holder, "$holder"]},
                            "until": {"$cond": [is_free, ends, "$until"]},
                        }
                    }
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:  # somebody else was first to make the document
            return False
        return bool(lease and lease["holder"] == holder)

    @classmethod
    async def release(cls, name: str, holder: str) -> None:
        """Ends the lease, if it is this holder's."""
        await cls.get_pymongo_collection().delete_one({"name": name, "holder": holder})

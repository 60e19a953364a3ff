"""Objects that nothing refers to any more: remembered until they are deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models.image import StoredAt


class Leftover(Document):
    """The object at `stored_at`, which was `owner_id`'s."""

    owner_id: PydanticObjectId
    stored_at: StoredAt

    class Settings:
        name: ClassVar = "leftovers"
        indexes: ClassVar = [IndexModel([("stored_at.key", ASCENDING)])]

    @classmethod
    async def add(cls, leftovers: Sequence[Leftover], transaction: AsyncClientSession) -> None:
        """Remembers them if and when the transaction is committed."""
        await cls.insert_many(leftovers, session=transaction)

    @classmethod
    async def has_any(cls, kind: str, keys: Collection[str]) -> bool:
        """Whether one of the objects is remembered, and will be deleted when its time has come."""
        wanted = {"stored_at.key": {"$in": list(keys)}, "stored_at.kind": kind}
        return await cls.get_pymongo_collection().find_one(wanted, {"_id": 1}) is not None

    @classmethod
    async def forget(cls, leftover_id: PydanticObjectId) -> None:
        """It is deleted; a repeat changes nothing."""
        await cls.get_pymongo_collection().delete_one({"_id": leftover_id})

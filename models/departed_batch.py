"""Batches that their owners have deleted, for as long as something of them is left."""

from __future__ import annotations

from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession


class DepartedBatch(Document):
    """A batch that is gone; `id` is the id that it had. `with_images` says whether those that only it used go, too."""

    owner_id: PydanticObjectId
    with_images: bool

    class Settings:
        name = "departed_batches"
        indexes: ClassVar = [IndexModel([("owner_id", ASCENDING)])]

    @classmethod
    async def add(cls, departed: DepartedBatch, transaction: AsyncClientSession) -> None:
        """Remembers that the batch is gone, if and when the transaction is committed."""
        await departed.insert(session=transaction)

    @classmethod
    async def of_owner(cls, owner_id: PydanticObjectId) -> list[PydanticObjectId]:
        """The ids of the owner's: what is still there of them is not to be listed."""
        found = cls.get_pymongo_collection().find({"owner_id": owner_id}, {"_id": 1})
        return [departed["_id"] async for departed in found]

    @classmethod
    async def forget(cls, batch_id: PydanticObjectId) -> None:
        """Nothing is left of the batch."""
        await cls.get_pymongo_collection().delete_one({"_id": batch_id})

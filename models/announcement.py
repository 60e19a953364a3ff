"""What is still to be told to somebody's server: the end of a batch, in the words of that moment."""

from __future__ import annotations

from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo.asynchronous.client_session import AsyncClientSession


class Announcement(Document):
    """A message, gone once it has arrived or was given up. `attempt` is the number of the next one, from 0.

    Its id is what the receiver knows it by, however often it is sent.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    body: str
    attempt: int = 0

    class Settings:
        name = "announcements"
        indexes: ClassVar = ["batch_id"]

    @classmethod
    async def add(cls, announcement: Announcement, transaction: AsyncClientSession) -> bool:
        """Remembers it; False, and no effect, if it is known."""
        fields = announcement.model_dump(exclude={"id", "revision_id"})
        added = await cls.get_pymongo_collection().update_one(
            {"_id": announcement.id}, {"$setOnInsert": fields}, upsert=True, session=transaction
        )
        return added.upserted_id is not None

    async def finish_attempt(self, transaction: AsyncClientSession) -> bool:
        """Counts the attempt; False, and no effect, if somebody else has counted it."""
        this_one = {"_id": self.id, "attempt": self.attempt}
        counted = await self.get_pymongo_collection().update_one(
            this_one, {"$inc": {"attempt": 1}}, session=transaction
        )
        return bool(counted.matched_count)

    @classmethod
    async def forget(cls, announcement_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """Nothing more is sent."""
        await cls.get_pymongo_collection().delete_one({"_id": announcement_id}, session=transaction)

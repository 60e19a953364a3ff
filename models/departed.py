"""Users who have deleted their accounts: what they were uploading at that moment may still arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

RECENT = timedelta(days=1)


class DepartedUser(Document):
    """Somebody whose account is gone; `id` is the id that the user had."""

    departed_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    class Settings:
        name = "departed_users"
        indexes: ClassVar = [IndexModel([("departed_at", ASCENDING)])]

    @classmethod
    async def add(cls, user_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """Remembers that the user is gone, if and when the transaction is committed."""
        await cls(id=user_id).insert(session=transaction)

    @classmethod
    async def recent(cls) -> list[PydanticObjectId]:
        """The ids of those who left within RECENT."""
        found = await cls.find({"departed_at": {"$gt": datetime.now(UTC) - RECENT}}).to_list()
        return [user.id for user in found if user.id]

    @classmethod
    async def has(cls, user_id: PydanticObjectId) -> bool:
        """Whether the user left, and is still remembered."""
        return await cls.get_pymongo_collection().find_one({"_id": user_id}, {"_id": 1}) is not None

    @classmethod
    async def forget_older_than(cls, age: timedelta) -> None:
        """Forgets who left longer ago than that."""
        await cls.find({"departed_at": {"$lt": datetime.now(UTC) - age}}).delete()

"""Whose turn it is among the batches of one owner, and the document at which all who hand out their work meet.

Whoever hands out units of an owner writes here in the same transaction: of two who do so at once, one begins anew, and
sees what the other has handed out.
"""

from __future__ import annotations

from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError


class Turn(Document):
    """How many units of all batches of the owner, whose id it has, were handed out so far."""

    number: int = 0

    class Settings:
        name: ClassVar = "turns"

    @classmethod
    async def take(
        cls, owner_id: PydanticObjectId, count: int, transaction: AsyncClientSession
    ) -> int | None:
        """Counts so many more, and gives the number before them; None, and no effect, before `begin`."""
        found = await cls.get_pymongo_collection().find_one_and_update(
            {"_id": owner_id}, {"$inc": {"number": count}}, session=transaction
        )
        return found["number"] if found else None

    @classmethod
    async def begin(cls, owner_id: PydanticObjectId) -> None:
        """Makes the owner's document, unless it is there."""
        try:
            await cls.get_pymongo_collection().insert_one({"_id": owner_id, "number": 0})
        except DuplicateKeyError:
            return

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Removes the document of an owner who is gone."""
        await cls.get_pymongo_collection().delete_one({"_id": owner_id})

"""People: an address, a password's hash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from beanie import Document, Indexed, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from errors import EmailTakenError
from models import reading

SHOWN = frozenset({"email", "created_at"})
"""What never changes of a user."""


class User(Document):
    """Somebody who has signed up. `email` is in its normal form: one person, one spelling.

    Whatever follows from a password that was found right is written in one transaction with this document, and only
    if it still has the hash that the password matched: a log-in, a new password and a deletion wait for each other.
    """

    email: Annotated[str, Indexed(unique=True)]
    password_hash: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    log_in_count: int = 0

    class Settings:
        name = "users"

    @classmethod
    async def add(cls, email: str, password_hash: str, transaction: AsyncClientSession) -> User:
        """A new user.

        Raises:
            EmailTakenError: The address is in use; of two sign-ups at once exactly one wins.
        """
        try:
            return await cls(email=email, password_hash=password_hash).insert(session=transaction)
        except DuplicateKeyError as error:
            raise EmailTakenError from error

    @classmethod
    async def by_email(cls, email: str) -> User | None:
        """The user with this address in its normal form."""
        return await cls.find_one(cls.email == email)

    @classmethod
    async def by_ids(
        cls, user_ids: Iterable[ObjectId], columns: frozenset[str] | None = None
    ) -> dict[ObjectId, User]:
        """Those of the users that exist, by id, in one query; with `columns`, those of their fields and the id."""
        reader = reading.of(cls, columns)
        wanted = {"_id": {"$in": list(user_ids)}}
        found = await cls.get_pymongo_collection().find(wanted, reader.projection).to_list()
        return {raw["_id"]: reader.read(raw) for raw in found}

    @classmethod
    async def has(cls, user_id: PydanticObjectId) -> bool:
        """Whether there is such a user."""
        return await cls.get_pymongo_collection().find_one({"_id": user_id}, {"_id": 1}) is not None

    @classmethod
    async def ids_after(cls, user_id: PydanticObjectId | None, limit: int) -> list[PydanticObjectId]:
        """The ids of the next users behind that one, in order."""
        behind = {"_id": {"$gt": user_id}} if user_id else {}
        users = cls.get_pymongo_collection().find(behind, {"_id": 1}, sort=[("_id", 1)], limit=limit)
        return [user["_id"] async for user in users]

    @classmethod
    async def note_log_in(cls, user: User, transaction: AsyncClientSession) -> bool:
        """False if the password is another by now, or the user gone."""
        result = await cls.get_pymongo_collection().update_one(
            _unchanged(user), {"$inc": {"log_in_count": 1}}, session=transaction
        )
        return bool(result.matched_count)

    @classmethod
    async def change_password(cls, user: User, password_hash: str, transaction: AsyncClientSession) -> bool:
        """False if the password is another by now, or the user gone."""
        result = await cls.get_pymongo_collection().update_one(
            _unchanged(user), {"$set": {"password_hash": password_hash}}, session=transaction
        )
        return bool(result.matched_count)

    @classmethod
    async def remove(cls, user: User, transaction: AsyncClientSession) -> bool:
        """Forgets the user; False if the password is another by now, or the user gone."""
        result = await cls.get_pymongo_collection().delete_one(_unchanged(user), session=transaction)
        return bool(result.deleted_count)


def _unchanged(user: User) -> dict[str, Any]:
    return {"_id": user.id, "password_hash": user.password_hash}

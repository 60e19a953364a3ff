"""People: an address, a password's hash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from beanie import Document, Indexed, PydanticObjectId
from beanie.operators import In
from pydantic import Field
from pymongo.errors import DuplicateKeyError

from errors import EmailTakenError


class User(Document):
    """Somebody who has signed up. `email` is in its normal form: one person, one spelling."""

    email: Annotated[str, Indexed(unique=True)]
    password_hash: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    class Settings:
        name = "users"

    @classmethod
    async def add(cls, email: str, password_hash: str) -> User:
        """A new user.

        Raises:
            EmailTakenError: The address is in use; of two sign-ups at once exactly one wins.
        """
        try:
            return await cls(email=email, password_hash=password_hash).insert()
        except DuplicateKeyError as error:
            raise EmailTakenError from error

    @classmethod
    async def by_email(cls, email: str) -> User | None:
        """The user with this address in its normal form."""
        return await cls.find_one(cls.email == email)

    @classmethod
    async def by_ids(cls, user_ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, User]:
        """Those of the users that exist, by id, in one query."""
        found = await cls.find(In(cls.id, list(user_ids))).to_list()
        return {user.id: user for user in found if user.id}

"""What changed in a gallery beside the stages of development, which `models/event.py` has.

A change is only ever announced: who was not listening reads the gallery itself. So the documents are short-lived.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

KEPT = timedelta(hours=1)


class ChangeKind(StrEnum):
    """What an owner's gallery shows differently: trashing is REMOVED, restoring ADDED."""

    ADDED = "ADDED"
    UPDATED = "UPDATED"
    REMOVED = "REMOVED"


class Change(Document):
    """An image of `owner_id` was changed, left the gallery or came back."""

    owner_id: PydanticObjectId
    image_id: PydanticObjectId
    kind: ChangeKind
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    class Settings:
        name = "changes"
        indexes: ClassVar = [IndexModel([("at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds()))]

    @classmethod
    async def record(
        cls,
        owner_id: PydanticObjectId,
        image_id: PydanticObjectId,
        kind: ChangeKind,
        transaction: AsyncClientSession,
    ) -> None:
        """Announces the change if and when the transaction is committed."""
        await cls(owner_id=owner_id, image_id=image_id, kind=kind).insert(session=transaction)

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Removes what was announced to an owner who is gone."""
        await cls.find({"owner_id": owner_id}).delete()

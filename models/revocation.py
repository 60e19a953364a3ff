"""Sessions that have ended while access tokens of theirs are still good by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

MARGIN = timedelta(minutes=5)
"""For clocks that differ, and for an access token that was being written when its session ended."""


class Revocation(Document):
    """No token of the session whose id this is counts any more. Gone when none could be good any longer."""

    id: PydanticObjectId
    expires_at: datetime

    class Settings:
        name = "revocations"
        indexes: ClassVar = [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)]

    @classmethod
    async def add(
        cls, sessions: Mapping[PydanticObjectId, datetime], transaction: AsyncClientSession
    ) -> list[Revocation]:
        """Revokes each session, whose last access token ends at the date."""
        added = [cls(id=session_id, expires_at=ends_at + MARGIN) for session_id, ends_at in sessions.items()]
        if added:
            await cls.insert_many(added, session=transaction)
        return added

    @classmethod
    async def standing(cls) -> list[Revocation]:
        """All that still matter."""
        return await cls.find(cls.expires_at > datetime.now(UTC)).to_list()

    @classmethod
    async def stands_for(cls, session_id: PydanticObjectId) -> bool:
        """Whether the session is revoked."""
        return await cls.get(session_id) is not None

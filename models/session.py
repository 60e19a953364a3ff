"""Signed-in sessions: which refresh token is the valid one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel


class Session(Document):
    """One log-in. `refresh_id` is the `jti` of the refresh token that may be used next."""

    user_id: PydanticObjectId
    refresh_id: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    expires_at: datetime

    class Settings:
        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("user_id", ASCENDING)]),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]

    @classmethod
    async def open(
        cls,
        session_id: PydanticObjectId,
        user_id: PydanticObjectId,
        refresh_id: str,
        expires_at: datetime,
    ) -> None:
        """Remembers a new session."""
        await cls(id=session_id, user_id=user_id, refresh_id=refresh_id, expires_at=expires_at).insert()

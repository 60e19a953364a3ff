"""Signed-in sessions: which refresh token is the valid one, and which ones it came from.

A session is a family of refresh tokens: each is spent for the next. A token that shows up again when it is spent is
either that of a client whose answer got lost, just now, or of somebody who stole it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models.revocation import Revocation
from models.work import NOW

GRACE_SECONDS = 10
ROTATIONS_KEPT = 32
RECENT = {"$subtract": [NOW, GRACE_SECONDS * 1000]}


class Refresh(BaseModel):
    """What one refresh token says beside whose it is: enough to write it again. `id` is its `jti`."""

    id: str
    issued_at: datetime
    expires_at: datetime


class Rotation(BaseModel):
    """A token was spent for its successor; MongoDB's own date."""

    spent_id: str
    successor: Refresh
    at: datetime


class Session(Document):
    """One log-in, and what followed from it.

    Attributes:
        refresh_id: The `jti` of the refresh token that may be used next.
        expires_at: When that token does.
        access_expires_at: When the last access token does; unknown of sessions that never noted it.
        rotations: The last few, those of the last GRACE_SECONDS among them.
    """

    user_id: PydanticObjectId
    refresh_id: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    expires_at: datetime
    access_expires_at: datetime | None = None
    rotations: list[Rotation] = []

    class Settings:
        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("user_id", ASCENDING)]),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]

    @classmethod
    async def open(cls, session: Session, transaction: AsyncClientSession) -> None:
        """Remembers a new session."""
        await session.insert(session=transaction)

    @classmethod
    async def rotate(
        cls, session_id: PydanticObjectId, spent_id: str, successor: Refresh, access_expires_at: datetime
    ) -> Refresh | None:
        """Spends a token for its successor: `successor`, or the one that it was spent for in the last GRACE_SECONDS.

        None if it is no token of the session's, or was spent before that. Two who spend it at once get the same.
        """
        rotation = {"spent_id": spent_id, "successor": successor.model_dump(), "at": NOW}
        earlier = {"$ifNull": ["$rotations", []]}
        await cls.get_pymongo_collection().update_one(
            {"_id": session_id, "refresh_id": spent_id},
            [
                {
                    "$set": {
                        "refresh_id": successor.id,
                        "expires_at": successor.expires_at,
                        "access_expires_at": access_expires_at,
                        "rotations": {"$slice": [{"$concatArrays": [earlier, [rotation]]}, -ROTATIONS_KEPT]},
                    }
                }
            ],
        )
        session = await cls.held_by(session_id, spent_id)
        rotations = session.rotations if session else []
        return next((made.successor for made in rotations if made.spent_id == spent_id), None)

    @classmethod
    async def held_by(cls, session_id: PydanticObjectId, refresh_id: str) -> Session | None:
        """The session, for the holder of its valid refresh token or of one spent in the last GRACE_SECONDS."""
        spent_lately = {
            "$filter": {
                "input": {"$ifNull": ["$rotations", []]},
                "cond": {"$and": [{"$eq": ["$$this.spent_id", refresh_id]}, {"$gt": ["$$this.at", RECENT]}]},
            }
        }
        held = {"$or": [{"$eq": ["$refresh_id", refresh_id]}, {"$ne": [spent_lately, []]}]}
        return await cls.find_one({"_id": session_id, "$expr": held})

    @classmethod
    async def end(cls, session_id: PydanticObjectId, transaction: AsyncClientSession) -> list[Revocation]:
        """Ends the session if there is one; says what is no longer in force."""
        return await cls._end({"_id": session_id}, transaction)

    @classmethod
    async def end_all(cls, user_id: PydanticObjectId, transaction: AsyncClientSession) -> list[Revocation]:
        """Ends every session of a user; says what is no longer in force."""
        return await cls._end({"user_id": user_id}, transaction)

    @classmethod
    async def _end(cls, which: dict[str, Any], transaction: AsyncClientSession) -> list[Revocation]:
        ending = await cls.find(which, session=transaction).to_list()
        await cls.get_pymongo_collection().delete_many(
            {"_id": {"$in": [session.id for session in ending]}}, session=transaction
        )
        return await Revocation.add(
            {
                PydanticObjectId(session.id): session.access_expires_at or session.expires_at
                for session in ending
            },
            transaction,
        )

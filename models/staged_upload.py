"""Staged uploads: files that clients send to storage themselves, and what was said of them beforehand.

A stage is removed by the clock alone, open or not: until then its address may let something in, which is then deleted
with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models.image import StoredAt


class StagedUpload(Document):
    """A place for one file of the owner's, until `expires_at`; the bytes are to lie at `stored_at`.

    `is_open` until the file was taken in or refused.
    """

    owner_id: PydanticObjectId
    filename: str
    media_type: str
    size_bytes: int
    checksum_sha256: str | None
    stored_at: StoredAt
    is_open: bool = True
    created_at: datetime
    expires_at: datetime

    class Settings:
        name = "staged_uploads"
        indexes: ClassVar = [
            IndexModel([("owner_id", ASCENDING), ("expires_at", ASCENDING)]),
            IndexModel([("expires_at", ASCENDING)]),
        ]

    @classmethod
    async def open_one(cls, stage_id: PydanticObjectId) -> StagedUpload | None:
        """The stage, whosever it is, if something may still be sent to it: a signed address leads to it."""
        return await cls.find_one({"_id": stage_id, **_still_open()})

    @classmethod
    async def open_of_owner(
        cls, owner_id: PydanticObjectId, stage_id: PydanticObjectId
    ) -> StagedUpload | None:
        """The stage, if it is this owner's and can still be completed."""
        return await cls.find_one({"_id": stage_id, "owner_id": owner_id, **_still_open()})

    @classmethod
    async def count_open(cls, owner_id: PydanticObjectId) -> int:
        """How many of the owner's can still be completed."""
        return await cls.find({"owner_id": owner_id, **_still_open()}).count()

    @classmethod
    async def end(cls, stage_id: PydanticObjectId, transaction: AsyncClientSession | None = None) -> None:
        """Nothing more may be sent to it, and it cannot be completed again."""
        await cls.get_pymongo_collection().update_one(
            {"_id": stage_id}, {"$set": {"is_open": False}}, session=transaction
        )

    @classmethod
    async def expired(cls, before: datetime, limit: int) -> list[StagedUpload]:
        """Some of the stages, open or not, that expired before that time; the longest ago first."""
        return await cls.find({"expires_at": {"$lt": before}}, sort="expires_at", limit=limit).to_list()

    @classmethod
    async def forget_all(cls, stages: Sequence[StagedUpload], transaction: AsyncClientSession) -> None:
        """Deletes the documents if and when the transaction is committed."""
        ids = [stage.id for stage in stages]
        await cls.get_pymongo_collection().delete_many({"_id": {"$in": ids}}, session=transaction)

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Ends the owner's stages and forgets what was said of the files.

        The stages themselves stay until their time is over: a provider's address still works so long.
        """
        said = {"is_open": False, "filename": "", "checksum_sha256": None}
        await cls.get_pymongo_collection().update_many({"owner_id": owner_id}, {"$set": said})


def _still_open() -> dict[str, object]:
    return {"is_open": True, "expires_at": {"$gt": datetime.now(UTC)}}

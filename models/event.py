"""The log of numbered changes that clients resume from.

A sequence is taken by `$inc` on the subject's own document in the transaction that writes the event: the order of
sequences is the order of commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing

KEPT_AFTER_END = timedelta(days=30)


class Event(Document):
    """Change number `sequence`, from 1, of the image `subject_id`, which is the owner's.

    `in_gallery` is False for an image that a batch has made: then it is no change of the gallery.
    """

    owner_id: PydanticObjectId
    subject_id: PydanticObjectId
    sequence: int
    stage: str
    in_gallery: bool = True
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    expires_at: datetime | None = None

    class Settings:
        name = "events"
        indexes: ClassVar = [
            IndexModel([("subject_id", ASCENDING), ("sequence", ASCENDING)], unique=True),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]

    @classmethod
    async def record(cls, events: Sequence[Event], transaction: AsyncClientSession) -> None:
        """Appends to the logs of the events' subjects."""
        await writing.insert(events, transaction)

    @classmethod
    async def end(cls, subject_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """The subject's work is over: its log is kept for another KEPT_AFTER_END."""
        expires_at = datetime.now(UTC) + KEPT_AFTER_END
        await cls.find({"subject_id": subject_id}).update(
            {"$set": {"expires_at": expires_at}}, session=transaction
        )

    @classmethod
    async def reopen(cls, subject_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """The subject's work goes on: what is left of its log is kept until the next end."""
        await cls.find({"subject_id": subject_id}).update({"$set": {"expires_at": None}}, session=transaction)

    @classmethod
    async def forget(cls, subject_ids: Sequence[PydanticObjectId], transaction: AsyncClientSession) -> None:
        """Deletes the subjects' logs."""
        await cls.find({"subject_id": {"$in": subject_ids}}).delete(session=transaction)

    @classmethod
    async def after(cls, subject_id: PydanticObjectId, sequence: int) -> list[Event]:
        """The subject's events behind `sequence`, in order."""
        return await cls.find(
            {"subject_id": subject_id, "sequence": {"$gt": sequence}}, sort="sequence"
        ).to_list()

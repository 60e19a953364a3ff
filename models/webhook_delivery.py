"""Attempts to tell somebody of the end of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import reading, writing

MOST_SHOWN = 50
NEWEST_FIRST = [("attempted_at", DESCENDING), ("_id", DESCENDING)]


class WebhookDelivery(Document):
    """One attempt. `message_id` is that of the message (Standard Webhooks' `webhook-id`), the same in all its attempts.

    `status_code` is what was answered; None if nothing was, and then `error` says why.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    message_id: str
    attempted_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    status_code: int | None = None
    succeeded: bool
    error: str | None = None

    class Settings:
        name = "webhook_deliveries"
        indexes: ClassVar = [IndexModel([("batch_id", DESCENDING), *NEWEST_FIRST])]

    @classmethod
    async def record(cls, delivery: WebhookDelivery, transaction: AsyncClientSession) -> None:
        """Appends it."""
        await writing.insert([delivery], transaction)

    @classmethod
    async def was_attempted(
        cls, batch_id: PydanticObjectId, message_id: str, transaction: AsyncClientSession
    ) -> bool:
        """Whether the message was sent at least once, and what came of it written down."""
        attempt = {"batch_id": batch_id, "message_id": message_id}
        return (
            await cls.get_pymongo_collection().find_one(attempt, {"_id": 1}, session=transaction) is not None
        )

    @classmethod
    async def last_of(
        cls, batch_ids: Iterable[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[WebhookDelivery]]:
        """The last MOST_SHOWN of each of the batches, the latest first."""
        newest = {"$topN": {"n": MOST_SHOWN, "sortBy": dict(NEWEST_FIRST), "output": "$$ROOT"}}
        stages: list[dict[str, Any]] = [
            {"$match": {"batch_id": {"$in": list(batch_ids)}}},
            {"$group": {"_id": "$batch_id", "newest": newest}},
        ]
        reader = reading.of(cls)
        found = await cls.get_pymongo_collection().aggregate(stages)
        return {group["_id"]: [reader.read(raw) for raw in group["newest"]] async for group in found}

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes those of a batch."""
        await cls.get_pymongo_collection().delete_many({"batch_id": batch_id})

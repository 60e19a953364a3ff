"""The log of what was sent to the webhooks of batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing

SHOWN = 50


class WebhookDelivery(Document):
    """One attempt; `status_code` is None where no answer came, `error` where it was a good one."""

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    message_id: str
    attempted_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    status_code: int | None
    succeeded: bool
    error: str | None

    class Settings:
        name = "webhook_deliveries"
        indexes: ClassVar = [
            IndexModel([("batch_id", ASCENDING), ("attempted_at", DESCENDING), ("_id", DESCENDING)])
        ]

    @classmethod
    async def record(cls, delivery: WebhookDelivery, transaction: AsyncClientSession) -> None:
        """Appends to the log."""
        await writing.insert([delivery], transaction)

    @classmethod
    async def last_of_batches(
        cls, batch_ids: Sequence[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[WebhookDelivery]]:
        """The last SHOWN attempts of each batch, the newest first."""
        found = {}
        for batch_id in batch_ids:
            newest = cls.find({"batch_id": batch_id}).sort("-attempted_at", "-_id")
            found[batch_id] = await newest.limit(SHOWN).to_list()
        return found

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes the batch's log."""
        await cls.get_pymongo_collection().delete_many({"batch_id": batch_id})

"""What became of pictures that other systems kept: one document for each that was taken over or refused for good."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from beanie.operators import In
from pydantic import Field
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession


class Adoption(Document):
    """`image_id` is the image that has the bytes of `item_id`; without one, `refusal` says what is wrong with them."""

    source: str
    item_id: str
    owner_id: PydanticObjectId
    image_id: PydanticObjectId | None = None
    checksum_sha256: str | None = None
    refusal: str | None = None
    ended_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    class Settings:
        name: ClassVar = "adoptions"
        indexes: ClassVar = [IndexModel([("source", ASCENDING), ("item_id", ASCENDING)], unique=True)]

    @classmethod
    async def ended(cls, source: str, item_ids: Collection[str]) -> dict[str, Adoption]:
        """Those of the source's items that were taken over or refused, by their ids."""
        found = await cls.find(cls.source == source, In(cls.item_id, list(item_ids))).to_list()
        return {adoption.item_id: adoption for adoption in found}

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Removes what was taken over for an owner who is gone."""
        await cls.find(cls.owner_id == owner_id).delete()

    @classmethod
    async def record(cls, adoption: Adoption, transaction: AsyncClientSession | None = None) -> None:
        """Remembers how it ended, in place of an earlier refusal; a repeat changes nothing."""
        await cls.get_pymongo_collection().replace_one(
            {"source": adoption.source, "item_id": adoption.item_id},
            adoption.model_dump(exclude={"id", "revision_id"}),
            upsert=True,
            session=transaction,
        )

"""What was wrong with the manifest of a batch: kept beside the batch, which is read and written far more often."""

from __future__ import annotations

from collections.abc import Iterable

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import reading, writing


class KeptProblem(BaseModel):
    """One thing that was wrong, as it was told."""

    line: int
    column: str | None
    code: str
    message: str
    hint: str
    severity: str


class BatchProblems(Document):
    """The problems of the batch with the same id, in the order of their lines. A batch without any has none."""

    owner_id: PydanticObjectId
    problems: list[KeptProblem]

    class Settings:
        name = "batch_problems"

    @classmethod
    async def add(cls, problems: BatchProblems, transaction: AsyncClientSession) -> None:
        """Remembers a new batch's."""
        await writing.insert([problems], transaction)

    @classmethod
    async def of_batches(
        cls, batch_ids: Iterable[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[KeptProblem]]:
        """Those of each of the batches that has any."""
        reader = reading.of(cls)
        found = cls.get_pymongo_collection().find({"_id": {"$in": list(batch_ids)}})
        return {raw["_id"]: reader.read(raw).problems async for raw in found}

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes those of a batch."""
        await cls.get_pymongo_collection().delete_one({"_id": batch_id})

"""Products: the rows of a manifest, as they stand there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing

BITS_OF_ROW = 20


class Product(Document):
    """Row number `row`, from 0, of a batch. Its images are the items from `first_position` on, `image_count` of them.

    `rank` orders all of an owner's products, the largest first: those of the newest batch, in the order of its rows.
    `extra` are the cells of the manifest's own further columns; `words` is what `models/words.py` makes of number and
    name.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    row: int
    rank: int
    serial_number: str
    name: str
    words: list[str]
    extra: list[str] = []
    first_position: int
    image_count: int

    class Settings:
        name = "products"
        indexes: ClassVar = [
            IndexModel([("batch_id", ASCENDING), ("row", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("owner_id", ASCENDING), ("rank", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("owner_id", ASCENDING), ("words", ASCENDING)]),
        ]

    @classmethod
    async def add(cls, products: Sequence[Product], transaction: AsyncClientSession | None = None) -> None:
        """Remembers new products. Without a transaction, one that is known already stays as it is."""
        await writing.add(products, transaction)

    @classmethod
    async def forget_batch(cls, batch_id: PydanticObjectId) -> None:
        """Deletes all products of a batch that is gone."""
        await cls.get_pymongo_collection().delete_many({"batch_id": batch_id})


def rank(batch_created_at: datetime, row: int) -> int:
    """Where row number `row` of a batch stands among all of its owner's products."""
    return (round(batch_created_at.timestamp() * 1000) << BITS_OF_ROW) - row

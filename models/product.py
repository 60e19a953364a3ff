"""Products: the rows of a manifest, as they stand there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing


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
    async def add(cls, products: Sequence[Product], transaction: AsyncClientSession) -> None:
        """Remembers new products."""
        await writing.insert(products, transaction)

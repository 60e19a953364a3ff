"""An owner's documents as a list: narrowed down, a page at a time, counted; or some of them by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from beanie import Document, PydanticObjectId

from models import reading
from models.page import Order, Page, Window

Item = TypeVar("Item", bound=Document)


@dataclass(frozen=True)
class Listing(Generic[Item]):
    """The documents of a kind that meet all conditions, in an order."""

    kind: type[Item]
    order: Order
    conditions: Mapping[str, Any]

    async def page(self, window: Window) -> Page[Item]:
        """The part of the list that is wanted."""
        wanted = {"$and": [self.conditions, *window.bounds]}
        found = self.kind.get_pymongo_collection().find(
            wanted, sort=window.reading.sort, limit=window.size + 1
        )
        reader = reading.of(self.kind)
        return window.page([reader.read(raw) async for raw in found])

    async def count(self) -> int:
        """How many documents the whole list has."""
        return await self.kind.get_pymongo_collection().count_documents(self.conditions)


async def of_owner(
    kind: type[Item], owner_id: PydanticObjectId, document_ids: Iterable[PydanticObjectId]
) -> dict[PydanticObjectId, Item]:
    """Those of the documents that are this owner's, by id, in one query."""
    reader = reading.of(kind)
    mine = {"_id": {"$in": list(document_ids)}, "owner_id": owner_id}
    return {raw["_id"]: reader.read(raw) async for raw in kind.get_pymongo_collection().find(mine)}

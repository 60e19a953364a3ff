"""How much each owner keeps, without counting it anew and without a document that all their uploads would write.

Whatever changes an owner's share adds a line here, in its own transaction; lines are only ever added, so nobody waits
for anybody. The sum of an owner's lines is exact at every moment, and `fold` replaces many lines by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from models import writing
from models.allowance import Allowance

LINES_LEFT_ALONE = 64
LINES_PER_FOLD = 5_000
SUMS = {"image_count": {"$sum": "$image_count"}, "stored_bytes": {"$sum": "$stored_bytes"}}


@dataclass(frozen=True)
class Share:
    """What an owner keeps: images that stand in the gallery, bytes of all originals, those of batches and those in the
    trash included.
    """

    image_count: int = 0
    stored_bytes: int = 0


class Tally(Document):
    """One line: by how much an owner's share grew or shrank, and which reservation of quota that used up."""

    owner_id: PydanticObjectId
    image_count: int = 0
    stored_bytes: int = 0
    reservation_id: str | None = None

    class Settings:
        name = "tallies"
        indexes: ClassVar = [IndexModel([("owner_id", ASCENDING)])]

    @classmethod
    async def add(cls, lines: Sequence[Tally], transaction: AsyncClientSession) -> None:
        """Writes the lines down."""
        await writing.insert(lines, transaction)

    @classmethod
    async def of_owners(cls, owner_ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, Share]:
        """The share of each owner; owners of nothing are left out."""
        rows = await cls.get_pymongo_collection().aggregate(
            [
                {"$match": {"owner_id": {"$in": list(owner_ids)}}},
                {"$group": {"_id": "$owner_id", **SUMS}},
            ]
        )
        return {row["_id"]: Share(row["image_count"], row["stored_bytes"]) async for row in rows}

    @classmethod
    async def of_owner(cls, owner_id: PydanticObjectId) -> Share:
        """The owner's share."""
        return (await cls.of_owners([owner_id])).get(owner_id, Share())

    @classmethod
    async def stored_bytes_without(cls, owner_id: PydanticObjectId, reservation_ids: Iterable[str]) -> int:
        """The bytes of the owner's originals, save those of the reservations; all as of one moment."""
        lines = cls.get_pymongo_collection().with_options(read_concern=ReadConcern("snapshot"))
        counted = {"owner_id": owner_id, "reservation_id": {"$nin": list(reservation_ids)}}
        rows = await lines.aggregate([{"$match": counted}, {"$group": {"_id": None, **SUMS}}])
        async for row in rows:
            return int(row["stored_bytes"])
        return 0

    @classmethod
    async def long_ones(cls) -> list[PydanticObjectId]:
        """The owners with more than LINES_LEFT_ALONE lines."""
        rows = await cls.get_pymongo_collection().aggregate(
            [
                {"$group": {"_id": "$owner_id", "lines": {"$sum": 1}}},
                {"$match": {"lines": {"$gt": LINES_LEFT_ALONE}}},
            ]
        )
        return [row["_id"] async for row in rows]

    @classmethod
    async def fold(cls, owner_id: PydanticObjectId, transaction: AsyncClientSession) -> None:
        """Replaces up to LINES_PER_FOLD lines of the owner by their sum, save those of open reservations."""
        collection = cls.get_pymongo_collection()
        reserved = await Allowance.open_reservations(owner_id, transaction)
        lines: list[dict[str, Any]] = await collection.find(
            {"owner_id": owner_id, "reservation_id": {"$nin": reserved}},
            limit=LINES_PER_FOLD,
            session=transaction,
        ).to_list()
        if not lines:
            return
        await collection.delete_many({"_id": {"$in": [line["_id"] for line in lines]}}, session=transaction)
        total = cls(
            owner_id=owner_id,
            image_count=sum(line["image_count"] for line in lines),
            stored_bytes=sum(line["stored_bytes"] for line in lines),
        )
        await cls.add([total], transaction)

    @classmethod
    async def forget_owner(cls, owner_id: PydanticObjectId) -> None:
        """Removes every line of an owner who is gone."""
        await cls.get_pymongo_collection().delete_many({"owner_id": owner_id})


def summed(lines: Iterable[Tally]) -> list[Tally]:
    """The same in fewer lines: one for each owner, and one for each reservation."""
    alike: dict[tuple[PydanticObjectId, str | None], list[Tally]] = defaultdict(list)
    for line in lines:
        alike[line.owner_id, line.reservation_id].append(line)
    return [
        Tally(
            owner_id=owner_id,
            image_count=sum(line.image_count for line in same),
            stored_bytes=sum(line.stored_bytes for line in same),
            reservation_id=reservation_id,
        )
        for (owner_id, reservation_id), same in alike.items()
    ]

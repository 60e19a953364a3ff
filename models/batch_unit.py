"""The units of work of a batch: its distinct addresses. Finishing one ends all items that have the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing
from models.batch_item import BatchItemState
from models.image import Failure


class BatchUnit(Document):
    """An address of a batch, as old as the first item that has it.

    It is RUNNING from the moment in which it is handed to the queue: `ticket` is then the id of the work item that may
    end it. Whoever comes with another one is late, and changes nothing. Until `ready_at` it is not handed out again.

    `tries` are those of its round, `attempt_count` those of all rounds.
    """

    owner_id: PydanticObjectId
    batch_id: PydanticObjectId
    position: int
    url: str
    state: BatchItemState = BatchItemState.PENDING
    round: int = 1
    ready_at: datetime | None = None
    ticket: PydanticObjectId | None = None
    tries: int = 0
    attempt_count: int = 0
    image_id: PydanticObjectId | None = None
    failure: Failure | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    kept_original: bool = False

    class Settings:
        name = "batch_units"
        indexes: ClassVar = [
            IndexModel(
                [
                    ("batch_id", ASCENDING),
                    ("state", ASCENDING),
                    ("round", ASCENDING),
                    ("ready_at", ASCENDING),
                    ("position", ASCENDING),
                ]
            ),
            IndexModel(
                [("owner_id", ASCENDING)],
                name="in_hand",
                partialFilterExpression={"state": BatchItemState.RUNNING},
            ),
        ]

    @classmethod
    async def add(cls, units: Sequence[BatchUnit], transaction: AsyncClientSession) -> None:
        """Remembers new units."""
        await writing.insert(units, transaction)

    @classmethod
    async def with_tickets(
        cls, tickets: Mapping[PydanticObjectId, PydanticObjectId], transaction: AsyncClientSession
    ) -> list[BatchUnit]:
        """Those of the units that are RUNNING under just the ticket that is given with their id."""
        running = {"_id": {"$in": list(tickets)}, "state": BatchItemState.RUNNING}
        found: list[BatchUnit] = await cls.find(running, session=transaction).to_list()
        return [unit for unit in found if tickets[PydanticObjectId(unit.id)] == unit.ticket]

    @classmethod
    async def running(cls, unit_id: PydanticObjectId, ticket: PydanticObjectId) -> BatchUnit | None:
        """The unit, if it is RUNNING under this ticket."""
        unit: BatchUnit | None = await cls.find_one(
            {"_id": unit_id, "state": BatchItemState.RUNNING, "ticket": ticket}
        )
        return unit

    @classmethod
    async def change(
        cls, changes: Mapping[PydanticObjectId, dict[str, Any]], transaction: AsyncClientSession
    ) -> None:
        """Sets fields of each unit."""
        await writing.update(
            cls, [({"_id": unit_id}, fields) for unit_id, fields in changes.items()], transaction
        )

    @classmethod
    async def running_of_owner(cls, owner_id: PydanticObjectId, transaction: AsyncClientSession) -> int:
        """How many of the owner's units are in the queue or in a worker's hands."""
        return await cls.get_pymongo_collection().count_documents(
            {"owner_id": owner_id, "state": BatchItemState.RUNNING}, session=transaction
        )

    @classmethod
    async def all_by_id(
        cls, unit_ids: Iterable[PydanticObjectId], transaction: AsyncClientSession
    ) -> dict[PydanticObjectId, BatchUnit]:
        """Those of the units that are known."""
        found: list[BatchUnit] = await cls.find(
            {"_id": {"$in": list(unit_ids)}}, session=transaction
        ).to_list()
        return {PydanticObjectId(unit.id): unit for unit in found}

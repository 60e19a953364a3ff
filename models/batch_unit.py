"""The units of work of a batch: its distinct addresses. Finishing one ends all items that have the address.

One that is all over a long manifest is several units (`processing/batches/ids.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from models import writing
from models.batch import Batch
from models.batch_item import BatchItemState
from models.values import Failure
from models.work import IS_READY

DUE_FIRST = [("ready_at", DESCENDING), ("position", ASCENDING)]
"""To MongoDB, no date is earlier than any."""

HANDED_OUT = {"state", "ticket", "round", "ready_at", "tries", "attempt_count"}


class BatchUnit(Document):
    """An address of a batch, as old as the first item that has it.

    It is RUNNING from the moment in which it is handed to the queue: `ticket` is then the id of the work item that may
    end it. Whoever comes with another one is late, and changes nothing. Until `ready_at` it is not handed out again.
    One that FAILED waits for a further round, once its batch is in the next one.

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
                    *DUE_FIRST,
                ]
            ),
            IndexModel(
                [("state", ASCENDING), ("owner_id", ASCENDING)],
                name="in_hand",
                partialFilterExpression={"state": BatchItemState.RUNNING},
            ),
        ]

    @classmethod
    async def add(cls, units: Sequence[BatchUnit], transaction: AsyncClientSession | None = None) -> None:
        """Remembers new units. Without a transaction, one that is known already stays as it is."""
        await writing.add(units, transaction)

    @classmethod
    async def under_tickets(
        cls, tickets: Iterable[tuple[PydanticObjectId, PydanticObjectId]]
    ) -> dict[PydanticObjectId, BatchUnit]:
        """Those of the units that are RUNNING under the ticket that stands beside their id, by ticket."""
        wanted = {ticket: unit_id for unit_id, ticket in tickets}
        found = cls.get_pymongo_collection().find(
            {
                "_id": {"$in": list(wanted.values())},
                "state": BatchItemState.RUNNING,
                "ticket": {"$in": list(wanted)},
            }
        )
        units = [cls.model_validate(unit) async for unit in found]
        return {unit.ticket: unit for unit in units if unit.ticket and wanted[unit.ticket] == unit.id}

    @classmethod
    async def end(
        cls,
        tickets: Mapping[PydanticObjectId, PydanticObjectId],
        ends: Mapping[PydanticObjectId, dict[str, Any]],
        transaction: AsyncClientSession,
    ) -> int:
        """Sets the fields of each unit that is RUNNING under its ticket. How many are."""
        running = {"state": BatchItemState.RUNNING}
        changes = [
            ({"_id": unit_id, **running, "ticket": tickets[unit_id]}, fields)
            for unit_id, fields in ends.items()
        ]
        return await writing.update(cls, changes, transaction)

    @classmethod
    async def running_of_owner(cls, owner_id: PydanticObjectId, transaction: AsyncClientSession) -> int:
        """How many of the owner's units are in the queue or in a worker's hands."""
        return await cls.get_pymongo_collection().count_documents(
            {"owner_id": owner_id, "state": BatchItemState.RUNNING}, session=transaction
        )

    @classmethod
    async def running_by_owner(cls) -> dict[PydanticObjectId, int]:
        """How many units of each owner are so."""
        rows = await cls.get_pymongo_collection().aggregate(
            [
                {"$match": {"state": BatchItemState.RUNNING}},
                {"$group": {"_id": "$owner_id", "units": {"$sum": 1}}},
            ]
        )
        return {row["_id"]: row["units"] async for row in rows}

    @classmethod
    async def all_running(cls) -> list[BatchUnit]:
        """All units that are so: at most as many as all windows have room for."""
        found: list[BatchUnit] = await cls.find({"state": BatchItemState.RUNNING}).to_list()
        return found

    @classmethod
    async def waiting(cls, batch: Batch, most: int, transaction: AsyncClientSession) -> list[BatchUnit]:
        """The units of the batch that may be handed out, `most` of them.

        Those that were postponed and are due by MongoDB's clock come first, then those that have not been tried in
        this round, in the order of the manifest.
        """
        pending = {"batch_id": batch.id, "state": BatchItemState.PENDING, "round": batch.round}
        waiting = await cls._ready(pending, most, transaction)
        if len(waiting) < most and batch.round > 1:
            failed = {"batch_id": batch.id, "state": BatchItemState.FAILED, "round": batch.round - 1}
            waiting += await cls._ready(failed, most - len(waiting), transaction)
        return waiting

    def handed_out(self, ticket: PydanticObjectId, batch_round: int) -> BatchUnit:
        """What it is once it is handed out in this round under this ticket, in another try."""
        given = {
            "state": BatchItemState.RUNNING,
            "ticket": ticket,
            "round": batch_round,
            "ready_at": None,
            "tries": self.tries + 1 if self.round == batch_round else 1,
            "attempt_count": self.attempt_count + 1,
        }
        unit: BatchUnit = self.model_copy(update=given)
        return unit

    @classmethod
    async def hand_out(cls, units: Sequence[BatchUnit], transaction: AsyncClientSession) -> None:
        """Writes down that the units are `handed_out`."""
        changes = [({"_id": unit.id}, unit.model_dump(include=HANDED_OUT)) for unit in units]
        await writing.update(cls, changes, transaction)

    @classmethod
    async def _ready(
        cls, wanted: dict[str, Any], most: int, transaction: AsyncClientSession
    ) -> list[BatchUnit]:
        found = cls.get_pymongo_collection().find(
            {**wanted, **IS_READY}, sort=DUE_FIRST, limit=most, session=transaction
        )
        return [cls.model_validate(unit) async for unit in found]

    @classmethod
    async def some_of_batch(cls, batch_id: PydanticObjectId, most: int) -> list[BatchUnit]:
        """Some of the batch's units."""
        found: list[BatchUnit] = await cls.find({"batch_id": batch_id}, limit=most).to_list()
        return found

    @classmethod
    async def forget(cls, unit_ids: Sequence[PydanticObjectId]) -> None:
        """Deletes units of a batch that is gone."""
        await cls.get_pymongo_collection().delete_many({"_id": {"$in": unit_ids}})

    @classmethod
    async def all_by_id(
        cls, unit_ids: Iterable[PydanticObjectId], transaction: AsyncClientSession | None = None
    ) -> dict[PydanticObjectId, BatchUnit]:
        """Those of the units that are known."""
        found: list[BatchUnit] = await cls.find(
            {"_id": {"$in": list(unit_ids)}}, session=transaction
        ).to_list()
        return {PydanticObjectId(unit.id): unit for unit in found}

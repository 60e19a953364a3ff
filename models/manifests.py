"""What batches say of where their manifests lie, for whoever moves them or looks for strays."""

from __future__ import annotations

from dataclasses import dataclass

from beanie import PydanticObjectId
from pymongo import ASCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from models.batch import Batch
from models.image import StoredAt

FIRST_ID = PydanticObjectId("0" * 24)
FIELDS = {"owner_id": 1, "manifest": 1}


@dataclass(frozen=True)
class Manifest:
    """A batch's manifest, at `stored_at`."""

    batch_id: PydanticObjectId
    owner_id: PydanticObjectId
    stored_at: StoredAt


async def lying_in(kind: str, behind: PydanticObjectId, limit: int) -> list[Manifest]:
    """Those in storage of this kind, of batches behind that id, in the order of ids."""
    wanted = {"_id": {"$gt": behind}, "manifest.kind": kind}
    found = Batch.get_pymongo_collection().find(wanted, FIELDS, sort=[("_id", ASCENDING)], limit=limit)
    return [
        Manifest(PydanticObjectId(batch["_id"]), batch["owner_id"], StoredAt(**batch["manifest"]))
        async for batch in found
    ]


async def count_in(kind: str) -> int:
    """How many lie in storage of this kind."""
    return await Batch.get_pymongo_collection().count_documents({"manifest.kind": kind})


async def is_named(batch_id: PydanticObjectId, stored_at: StoredAt) -> bool:
    """Whether the batch has its manifest there, or could have again after a failover."""
    durable = Batch.get_pymongo_collection().with_options(read_concern=ReadConcern("majority"))
    return await durable.find_one({"_id": batch_id, **_at(stored_at)}, {"_id": 1}) is not None


async def move(seen: Manifest, stored_at: StoredAt, transaction: AsyncClientSession) -> bool:
    """The manifest lies elsewhere from now on; False, and no effect, if it is not there any more where it was seen."""
    moved = await Batch.get_pymongo_collection().update_one(
        {"_id": seen.batch_id, **_at(seen.stored_at)},
        {"$set": {"manifest": stored_at.model_dump()}},
        session=transaction,
    )
    return bool(moved.matched_count)


def _at(stored_at: StoredAt) -> dict[str, str]:
    return {"manifest.kind": stored_at.kind, "manifest.key": stored_at.key}

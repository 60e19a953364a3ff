"""Idempotency keys: which request holds one at the moment, and what the first success answered.

One date rules a key: until `expires_at` it is somebody's, be it for the length of a lease or for the day that an answer
is kept; from then on it is free, whether MongoDB has removed it yet or not.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from models.work import NOW, from_now

KEPT = timedelta(hours=24)
IS_FREE = {"$lte": ["$expires_at", NOW]}  # a date that is missing comes before every other


class KeptAnswer(BaseModel):
    """What the first success was asked, as digests, and what it answered."""

    plain_digest: str
    checksum_sha256: str | None
    answer: dict[str, Any]


class IdempotencyKey(Document):
    """One key, or one file position of it. `lease` is the holder's, and null once an answer is kept."""

    id: str  # type: ignore[assignment]  # a digest: the client's own words are no id
    lease: str | None
    kept: KeptAnswer | None
    expires_at: datetime

    class Settings:
        name = "idempotency_keys"
        indexes: ClassVar = [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)]

    @classmethod
    async def claim(cls, key_id: str, lease: str, lease_seconds: float) -> IdempotencyKey:
        """Takes the key if it is free. The key as it is then: taken if it has this `lease`.

        An answer that is found here is durable: a majority write also waits for what it only looked at.
        """
        claimed = {"_id": "$_id", "lease": lease, "kept": None, "expires_at": from_now(lease_seconds)}
        keys = cls.get_pymongo_collection().with_options(write_concern=WriteConcern("majority"))
        while True:
            with contextlib.suppress(DuplicateKeyError):  # somebody was quicker to insert it: look again
                found: IdempotencyKey = cls.model_validate(
                    await keys.find_one_and_update(
                        {"_id": key_id},
                        [{"$replaceWith": {"$cond": [IS_FREE, claimed, "$$ROOT"]}}],
                        upsert=True,
                        return_document=ReturnDocument.AFTER,
                    )
                )
                return found

    @classmethod
    async def extend(cls, key_id: str, lease: str, lease_seconds: float) -> bool:
        """Holds on to the key, for its leaseholder only; False if the lease was lost."""
        return await cls._change(key_id, lease, {"expires_at": from_now(lease_seconds)}, None)

    @classmethod
    async def keep(cls, key_id: str, lease: str, answer: KeptAnswer, transaction: AsyncClientSession) -> bool:
        """Keeps the answer for KEPT, for the leaseholder only; False if the lease was lost."""
        fields = {
            "lease": None,
            "kept": {"$literal": answer.model_dump()},
            "expires_at": from_now(KEPT.total_seconds()),
        }
        return await cls._change(key_id, lease, fields, transaction)

    @classmethod
    async def release(cls, key_id: str, lease: str) -> None:
        """Lets go of the key, for its leaseholder only; one with an answer has none, and stays."""
        keys = cls.get_pymongo_collection().with_options(write_concern=WriteConcern(1))  # else its lease ends
        await keys.delete_one({"_id": key_id, "lease": lease})

    @classmethod
    async def kept_at_positions(cls, key_id: str) -> dict[int, KeptAnswer]:
        """The answers kept for the positions of this key."""
        keys = cls.get_pymongo_collection().with_options(read_concern=ReadConcern("majority"))
        answered = {
            "_id": {"$gt": cls.id_at(key_id, None), "$lt": f"{key_id};"},
            "kept": {"$ne": None},
            "$expr": {"$not": IS_FREE},
        }
        found = [cls.model_validate(key) async for key in keys.find(answered)]
        return {int(key.id.partition(":")[2]): key.kept for key in found if key.kept}

    @staticmethod
    def id_at(key_id: str, position: int | None) -> str:
        """The id of one position; those of one key lie between `id_at(key_id, None)` and the next key."""
        return f"{key_id}:" if position is None else f"{key_id}:{position}"

    @classmethod
    async def _change(
        cls, key_id: str, lease: str, fields: dict[str, Any], transaction: AsyncClientSession | None
    ) -> bool:
        result = await cls.get_pymongo_collection().update_one(
            {"_id": key_id, "lease": lease}, [{"$set": fields}], session=transaction
        )
        return bool(result.matched_count)

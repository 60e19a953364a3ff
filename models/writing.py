"""Inserting many documents in a transaction with one command each collection.

The driver's own `insert_many` costs twice as much, for splitting and retrying that a transaction does not need: it is
run again as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from beanie import Document
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure

DUPLICATE_KEY = 11000


async def insert(documents: Sequence[Document], transaction: AsyncClientSession) -> None:
    """Inserts documents of one collection; those without an id are given one.

    Raises:
        DuplicateKeyError: One of them breaks a unique index; the transaction is over.
    """
    collection = type(documents[0]).get_pymongo_collection()
    rows = [
        {"_id": document.id or ObjectId(), **document.model_dump(exclude={"id", "revision_id"})}
        for document in documents
    ]
    reply = await collection.database.command(
        {"insert": collection.name, "documents": rows}, session=transaction
    )
    for refusal in reply.get("writeErrors", []):
        kind = DuplicateKeyError if refusal["code"] == DUPLICATE_KEY else OperationFailure
        raise kind(refusal["errmsg"], refusal["code"], refusal)

"""Writing many documents of one collection with one command, as part of a transaction.

The driver's own bulk writes cost twice as much, for splitting and retrying that a transaction does not need: it is run
again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError, OperationFailure

DUPLICATE_KEY = 11000
NOT_KEPT = frozenset({"id", "revision_id"})
PLAIN = frozenset({NoneType, bool, int, str, datetime, PydanticObjectId})
"""What goes into a row as it is."""


async def insert(documents: Sequence[Document], transaction: AsyncClientSession) -> None:
    """Inserts the documents; those without an id are given one.

    Raises:
        DuplicateKeyError: One of them breaks a unique index; the transaction is over.
    """
    rows = [{"_id": document.id or ObjectId(), **fields(document)} for document in documents]
    await _write(type(documents[0]), "insert", {"documents": rows}, transaction)


async def add(documents: Sequence[Document], transaction: AsyncClientSession | None) -> None:
    """Inserts the documents. Without a transaction, those whose ids are known already are left out."""
    if transaction:
        await insert(documents, transaction)
        return
    rows = [{"_id": document.id, **fields(document)} for document in documents]
    collection = documents[0].get_pymongo_collection()
    reply = await collection.database.command(
        {"insert": collection.name, "documents": rows, "ordered": False}
    )
    _require_written(refusal for refusal in reply.get("writeErrors", []) if refusal["code"] != DUPLICATE_KEY)


async def upsert(
    kind: type[Document], updates: dict[Any, list[dict[str, Any]]], transaction: AsyncClientSession
) -> None:
    """Runs each pipeline of `updates` on the document with its id, which is made if it is missing."""
    statements = [
        {"q": {"_id": document_id}, "u": pipeline, "upsert": True}
        for document_id, pipeline in updates.items()
    ]
    await _write(kind, "update", {"updates": statements}, transaction)


async def update(
    kind: type[Document],
    changes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    transaction: AsyncClientSession,
) -> int:
    """Sets the fields of each pair's second part in all documents that are as its first part says. How many are."""
    statements = [{"q": wanted, "u": {"$set": fields}, "multi": True} for wanted, fields in changes]
    return await _write(kind, "update", {"updates": statements}, transaction)


def fields(document: Document) -> dict[str, Any]:
    """All but its id, as MongoDB keeps it. `model_dump` finds out field by field what most are: it costs five times as much."""
    return {
        name: value if value.__class__ in PLAIN else _dumped(value)
        for name, value in document.__dict__.items()
        if name not in NOT_KEPT
    }


def _dumped(value: Any) -> Any:
    if isinstance(value, str):  # a member of an enumeration
        return value
    if isinstance(value, list):
        return [_dumped(each) for each in value]
    if isinstance(value, dict):
        return {name: _dumped(each) for name, each in value.items()}
    return value.model_dump() if isinstance(value, BaseModel) else value


async def _write(
    kind: type[Document], verb: str, statements: dict[str, Any], transaction: AsyncClientSession
) -> int:
    collection = kind.get_pymongo_collection()
    reply = await collection.database.command({verb: collection.name, **statements}, session=transaction)
    _require_written(reply.get("writeErrors", []))
    return int(reply["n"])


def _require_written(refusals: Iterable[Mapping[str, Any]]) -> None:
    for refusal in refusals:
        error = DuplicateKeyError if refusal["code"] == DUPLICATE_KEY else OperationFailure
        raise error(refusal["errmsg"], refusal["code"], refusal)

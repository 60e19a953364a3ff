"""What we remember: the documents, their indexes, and every MongoDB query as a named method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # who needs no more than `models/values.py` carries no driver
    from pymongo.asynchronous.database import AsyncDatabase


async def prepare(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Binds the documents to `database` and makes their indexes; harmless if they are there."""
    from models import documents  # noqa: PLC0415 - as above

    await documents.prepare(database)
